import { dirname } from 'node:path';

export interface NginxFiles {
  target: string;
  /** What goes into `server {}`. */
  server: string;
  /** What goes into `http {}`; null: nothing does. */
  upstreams: string | null;
  /** nginx's own configuration, for people. */
  where: string;
  /** The site. */
  url: string;
  flag: string;
}

/** What was written for nginx, and the lines that only the user can add. */
export const nginxSteps = ({ target, server, upstreams, where, url, flag }: NginxFiles): string[] => [
  `What nginx needs to close the site of ${target}${upstreams ? ' and to swap its releases' : ''} is in ${server}. Once, as root:`,
  ...numbered([
    `install -m 600 ${server} ${installed(target)}`,
    ...(upstreams ? [`install -m 600 ${upstreams} ${installed(`${target}-upstreams`)}`] : []),
    `install -d -m 755 -o WORKER ${dirname(flag)}   # WORKER: the user of lockkeeper worker`,
    `${where}: into the server { } that answers for ${url} write`,
    `     include ${installed(target)};`,
    ...(upstreams
      ? [
          `above it, into http { }, write`,
          `     include ${installed(`${target}-upstreams`)};`,
          `where the application is named, write`,
          `     proxy_pass http://$lockkeeper_peer; proxy_http_version 1.1; proxy_set_header Connection "";`,
        ]
      : []),
    'nginx -t && nginx -s reload',
    `lockkeeper doctor ${target}   # tries the switch on the open site`,
  ]),
];

const installed = (name: string): string => `/etc/nginx/lockkeeper-${name}.conf`;

/** Indented lines belong to the step before them. */
function numbered(lines: readonly string[]): string[] {
  let n = 0;
  return lines.map((line) => (line.startsWith(' ') ? line : `  ${(n += 1)}. ${line}`));
}
