import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { shell } from '../../../src/adapters/shell.js';
import { verbs } from '../../../src/commands/verbs.js';
import { loadConfig } from '../../../src/config/load.js';
import { searchAttributes } from '../../../src/domain/search-attributes.js';

interface Service {
  image: string;
  restart: string;
  build?: { context: string; args: Record<string, string> };
  profiles?: string[];
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const read = (path: string) => readFileSync(path, 'utf8');
const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, object>;
};
const all = Object.entries(services);
const dockerfile = read('Dockerfile');
const { version } = JSON.parse(read('package.json')) as { version: string };

/** What .env must have, with values that nobody would use. */
const secrets = {
  TEMPORAL_POSTGRES_PASSWORD: 'a',
  SHOP_POSTGRES_PASSWORD: 'b',
  DATABASE_URL: 'postgresql://shop:b@shop-postgres:5432/shop',
};

/** Compose as this machine has it, which need not have any: the plugin, or the older program. */
async function findCompose(): Promise<string[] | undefined> {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [file = '', ...args] = command;
    const answer = await shell({ file, args: [...args, 'version'] }).catch(() => null);
    if (answer) return command;
  }
  return undefined;
}

const compose = await findCompose();
if (!compose)
  console.warn('docker compose is not installed here: docker-compose.yml is only read, not validated');

async function config(env: Readonly<Record<string, string>>, ...flags: string[]) {
  const [file = '', ...args] = compose ?? [];
  return shell({ file, args: [...args, ...flags, 'config'], env: { ...emptied, ...env } });
}
/** A variable that is set wins over an .env of whoever runs this test. */
const emptied = Object.fromEntries(Object.keys(secrets).map((name) => [name, '']));

(compose ? describe : describe.skip)('docker compose', () => {
  it('takes the file, with and without the example', async () => {
    expect((await config(secrets)).stdout).toContain('temporal-postgres:');
    expect((await config(secrets, '--profile', 'example')).stdout).toContain('shop-nginx:');
  });

  it.each(['TEMPORAL_POSTGRES_PASSWORD', 'DATABASE_URL'])(
    'says what to do when %s is missing',
    async (name) => {
      const failure = await config({ ...secrets, [name]: '' }).catch(
        (error: { stderr: string }) => error.stderr,
      );
      expect(failure).toMatch(/put (a password|the URL) .* into \.env, see deploy\/env\.example/);
    },
  );
});

describe('docker-compose.yml', () => {
  it.each(all)('%s runs an image of an exact version that is not deprecated', (_, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:\d+(\.\d+)+(-\w+)?$/);
    expect(image).not.toMatch(/auto-setup|temporalio\/tctl|\/web:/);
    if (image.startsWith('lockkeeper:')) expect(image).toBe(`lockkeeper:${version}`);
  });

  it.each(all.filter(([, { ports }]) => ports))('%s is reached from this host only', (_, { ports }) => {
    for (const port of ports!) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('asks whoever runs on whether they are healthy, and waits for those that end', () => {
    const jobs = all.filter(([, { restart }]) => restart.startsWith('on-failure')).map(([name]) => name);
    expect(jobs).toEqual(['temporal-schema', 'temporal-namespace']);
    for (const [name, { healthcheck, depends_on = {} }] of all) {
      // The worker's and its copy's check is in the image; the Web UI's image has no tool to ask with.
      const asked = !jobs.includes(name) && !['worker', 'temporal-ui'].includes(name);
      expect({ name, asked: healthcheck !== undefined }).toEqual({ name, asked });
      for (const [other, { condition }] of Object.entries(depends_on))
        expect(condition).toBe(jobs.includes(other) ? 'service_completed_successfully' : 'service_healthy');
    }
    expect(dockerfile).toMatch(/HEALTHCHECK [^]*\/healthz/);
  });

  it('mounts what is there, and keeps data in volumes with names', () => {
    for (const volume of all.flatMap(([, service]) => service.volumes ?? [])) {
      const [from = ''] = volume.replace(/^\$\{\w+:-(.*?)\}/, '$1').split(':');
      expect(from.startsWith('./') ? existsSync(from) : from in volumes).toBe(true);
    }
    const scripts = all.flatMap(
      ([, service]) => JSON.stringify(service).match(/(?<=")\/deploy\/[\w.-]+/g) ?? [],
    );
    expect(scripts).toHaveLength(2);
    for (const script of scripts) expect(existsSync(script.replace('/deploy', 'deploy/temporal'))).toBe(true);
  });

  it('has no secret in it, and the example of .env names all that it needs', () => {
    const named = read('docker-compose.yml').match(/(?<=\$\{)\w+(?=:)/g) ?? [];
    for (const name of named) expect(read('deploy/env.example')).toContain(`${name}=`);
    for (const [, { environment = {} }] of all)
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|PWD|URL/.test(name)) expect(value).toMatch(/^\$\{/);
  });

  it('registers the search attributes that our workflows set', () => {
    const registered = services['temporal-namespace']?.environment?.['SEARCH_ATTRIBUTES'];
    expect(registered?.split(' ')).toEqual(Object.keys(searchAttributes));
    expect(new Set(Object.values(searchAttributes))).toEqual(new Set(['Keyword']));
  });

  it('gives the example settings that are valid', () => {
    const { targets } = loadConfig('deploy/example/lockkeeper.yaml');
    expect(Object.keys(targets)).toEqual(['shop']);
  });
});

describe('Dockerfile', () => {
  it('starts the worker with flags that it has', () => {
    const flags = verbs.find(({ name }) => name === 'worker')?.flags?.map(([flag]) => flag.split(' ')[0]);
    const given = /^CMD \["worker", (.*)\]$/m.exec(dockerfile)?.[1]?.match(/--[\w-]+/g);
    expect(given).toHaveLength(2);
    for (const flag of given!) expect(flags).toContain(flag);
  });

  it('takes what the package has, and requirements that exist', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    for (const folder of ['dist', 'requirements', 'schema']) expect(files).toContain(folder);
    const requirements = services['worker']?.build?.args['REQUIREMENTS']?.replace(/^\$\{\w+:-(.*)\}$/, '$1');
    expect(existsSync(join('.', requirements ?? 'none'))).toBe(true);
  });
});
