import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { phasesProof } from '../../../src/commands/phases-proof.js';
import { dockerEngine, engine } from '../../support/docker/engine.js';
import { baseImage } from '../../support/docker/images.js';
import { freshDatabase } from '../../support/servers.js';
import { against, deployEnds, RenamedShop } from './support.js';

const name = `lkproof${randomBytes(3).toString('hex')}`;
const repository = `lk-test/${name}`;
let shop: RenamedShop;
let since: string;
let old: string;

/** An image that differs by this. */
async function image(version: string): Promise<string> {
  const container = await engine.docker('create', '--network', 'none', await baseImage(), 'true');
  const change = ['--change', `ENV VERSION=${version}`, '--change', 'CMD ["sleep", "600"]'];
  const id = await engine.docker('commit', ...change, container);
  await engine.docker('rm', container);
  await engine.docker('tag', id, `${repository}:${version}`);
  return id;
}

const start = (container: string, reference: string, ...flags: string[]) =>
  engine.docker('run', '--detach', '--network', 'none', '--name', container, ...flags, reference);

beforeAll(async () => {
  await dockerEngine();
  [old] = [await image('r1'), await image('r2')];
  const deploy = {
    compose: { file: 'compose.yml', project: name, fetch: 'none', services: ['app', 'worker'] },
    environment: engine.env,
  };
  shop = await RenamedShop.make(await freshDatabase(), { deploy });
  const service = { image: `${repository}:latest`, network_mode: 'none' };
  await writeFile(
    shop.path('compose.yml'),
    stringify({ version: '3.7', services: { app: service, worker: service } }),
  );
  const label = (of: string) =>
    Object.entries({ project: name, service: of, oneoff: 'False' }).flatMap(([key, value]) => [
      '--label',
      `com.docker.compose.${key}=${value}`,
    ]);
  await start(`${name}_app_1`, `${repository}:r2`, ...label('app'));
  await start(`${name}_worker_1`, `${repository}:r1`, ...label('worker'));
  await start(`${name}_mail`, `${repository}:r1`);
  await start(`${name}_cron`, old);
  await start(`${name}_staging`, `${repository}:r1`, '--label', 'com.docker.compose.project=staging');
  await engine.docker(
    'run',
    '--detach',
    '--network',
    'none',
    '--name',
    `${name}_other`,
    await baseImage(),
    'sleep',
    '600',
  );
  since = await deployEnds();
}, 1_200_000);

afterAll(async () => {
  const ids = await engine.docker('ps', '--all', '--quiet', '--filter', `name=${name}`).catch(() => '');
  if (ids) await engine.docker('rm', '--force', ...ids.split('\n'));
  await shop?.remove();
}, 60_000);

it('names each forgotten container, by whomever it was started, and passes once they are stopped', async () => {
  const first = await shop.proof(since);
  expect(first.holds).toBe(false);
  expect(
    against(first)
      .map((line) => line.replace(/since \d{4}\S+ \S+ UTC/, 'since T'))
      .sort(),
  ).toEqual(
    ['cron', 'mail', 'worker_1'].map((each) => {
      const named = each === 'cron' ? '' : `${repository}:r1, `;
      return expect.stringMatching(
        `^containers: the container ${name}_${each} runs ${named}image ${old.slice(7, 19)}, since T; r2 is image [0-9a-f]{12} → docker stop ${name}_${each}$`,
      );
    }),
  );
  expect(first.evidence.map(({ says }) => says).join()).toContain(
    `${name}_staging (compose project staging)`,
  );
  await engine.docker(
    'stop',
    '--time',
    '0',
    ...['cron', 'mail', 'worker_1'].map((each) => `${name}_${each}`),
  );
  const second = await shop.proof(since);
  expect(against(second)).toEqual([]);
  expect(second.holds).toBe(true);
  expect(second.missing).toEqual([expect.stringContaining('pg_stat_statements: it is not installed')]);
}, 120_000);

it('is told by the command, with a code of its own', async () => {
  const told: string[] = [];
  const io = {
    json: false,
    interactive: false,
    out: (text: string) => told.push(text),
    say: () => undefined,
  };
  const ask = () => phasesProof('shop', 'orders-note', { config: shop.file, since } as never, io as never);
  await engine.docker('start', `${name}_mail`);
  expect(await ask()).toBe(5);
  expect(told.join('\n')).toMatch(`→ docker stop ${name}_mail`);
  await engine.docker('rm', '--force', `${name}_mail`);
  expect(await ask()).toBe(0);
}, 120_000);
