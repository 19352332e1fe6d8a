import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { HOST } from '../adapters/ports.js';
import { run } from '../adapters/run.js';
import { chosen, type Server } from './server.js';
import type { NginxState } from './state.js';

export const nginx: Server<NginxState> = {
  name: 'nginx',
  called: 'nginx',
  looks: /^nginx: |\/nginx -p /,
  ports: { nginx: 8080 },
  // Requests that are being answered may end; connections that wait for nothing are closed at once.
  stop: [
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGTERM', waitMs: 5_000 },
  ],
  startMs: 15_000,
  folder: (place) => Promise.resolve(place.nginx),

  async prepare({ tools }, folder, ports) {
    const port = chosen(ports, 'nginx');
    const [conf, sites] = [join(folder, 'nginx.conf'), join(folder, 'sites')];
    await mkdir(sites, { recursive: true });
    await mkdir(join(folder, 'temp'), { recursive: true });
    await writeFile(join(folder, 'listen.conf'), `listen ${HOST}:${port};\n`);
    await writeFile(conf, CONF);
    const { lastWords } = await run(tools.nginx, ['-v']);
    return {
      // The prefix ends in a slash, or nginx takes its last name for a part of the files' names.
      daemon: { file: tools.nginx, args: ['-p', `${folder}/`, '-c', conf, '-e', 'stderr'] },
      state: {
        port,
        url: `http://${HOST}:${port}`,
        conf,
        sites,
        version: /[\d.]+/.exec(lastWords)?.[0] ?? '',
      },
    };
  },

  answers: (_, { port }) =>
    new Promise((resolve) => {
      const asked = request({ host: HOST, port, method: 'HEAD', agent: false }, () => resolve(true));
      // A site whose application hangs is no fault of nginx: it took the request.
      asked.setTimeout(1_000, () => resolve(true));
      asked.once('error', () => resolve(false));
      asked.once('close', () => asked.destroy());
      asked.end();
    }),
};

/** nginx started by root would hand its workers to `nobody`, who cannot read a site that lies under /root. */
const RUNS_AS =
  process.getuid?.() === 0 ? `user root ${process.platform === 'darwin' ? 'wheel' : 'root'};\n` : '';

/** Relative paths lie in this file's folder, which is the prefix too. */
const CONF = `# Written by lockkeeper up at each start. Sites go into sites/*.conf and say "include listen.conf;".
daemon off;
pid nginx.pid;
${RUNS_AS}worker_processes 2;
events { worker_connections 1024; }
http {
  access_log off;
  server_tokens off;
  client_body_temp_path temp/body;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;

  # The first server of a port answers for it: any site comes before the page that says that there is none.
  include sites/*.conf;
  server {
    include listen.conf;
    default_type text/plain;
    return 404 "nginx of lockkeeper up: no site is configured (its folder: sites/*.conf)\\n";
  }
}
`;
