import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SETTINGS_FILE } from '../config/load.js';
import { searchAttributes } from '../domain/search-attributes.js';
import { down } from '../stack/down.js';
import { venvFolder } from '../stack/place.js';
import { provision } from '../stack/provision.js';
import type { StackState } from '../stack/state.js';
import { up } from '../stack/up.js';
import { startWorker, stopWorker } from '../stack/worker-daemon.js';
import { interrupted } from '../domain/problems/use.js';
import type { GlobalOptions, Io } from './io.js';
import { leaveOnInterrupt } from './work.js';

/** This very program, for the processes that it starts. */
export const cliPath = (): string => fileURLToPath(new URL('../cli.js', import.meta.url));

/** Starts the embedded servers of this folder, and a worker where there is a lockkeeper.yaml. */
export async function upCommand(options: GlobalOptions & { worker?: boolean }, io: Io): Promise<number> {
  const settings = resolve(options.config ?? process.env['LOCKKEEPER_CONFIG'] ?? SETTINGS_FILE);
  const home = dirname(settings);
  const onProgress = (text: string) => io.say(`  … ${text}`);
  const stop = new AbortController();
  const listenNoMore = leaveOnInterrupt(stackHalfUp(), io, () => stop.abort());
  await provision(venvFolder(home), { groups: ['stack'], onProgress, signal: stop.signal });
  const state = await up({ home, searchAttributes, onProgress });
  const worker =
    options.worker !== false && existsSync(settings)
      ? await startWorker({
          home,
          cli: cliPath(),
          env: { ...workerEnvironment(), LOCKKEEPER_CONFIG: settings },
        })
      : undefined;
  listenNoMore();
  if (io.json)
    io.out(JSON.stringify({ schemaVersion: 1, ...withoutSecrets(state), worker: worker ?? null }, null, 2));
  else io.out(upText(state, worker?.log, existsSync(settings)));
  return 0;
}

const stackHalfUp = () =>
  interrupted('servers that were started already go on', [
    'lockkeeper up goes on where it was',
    'lockkeeper down stops them',
  ]);

/** The worker needs what the settings refer to, which is anything in our environment. */
const workerEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

const withoutSecrets = ({ postgres, ...rest }: StackState) => {
  if (!postgres) return rest;
  const { password: _, ...open } = postgres;
  return { ...rest, postgres: open };
};

function upText(
  { postgres, temporal, nginx, notes }: StackState,
  workerLog: string | undefined,
  hasSettings: boolean,
) {
  const worker =
    workerLog ?? (hasSettings ? 'not started' : `not started: there is no ${SETTINGS_FILE} here yet`);
  return [
    ...notes.map((note) => `note: ${note}`),
    `Temporal    ${temporal?.address}   Web UI ${temporal?.uiUrl}`,
    `PostgreSQL  ${postgres?.host}:${postgres?.port}   user ${postgres?.user}, password in .lockkeeper/stack.json`,
    `nginx       ${nginx?.url}   sites in ${nginx?.sites}`,
    `worker      ${worker}`,
    '',
    'All of it goes on when this terminal is closed. Stop it: lockkeeper down',
  ].join('\n');
}

/** Stops the worker and the servers of this folder. Their data stay. */
export async function downCommand(options: GlobalOptions, io: Io): Promise<number> {
  const home = dirname(resolve(options.config ?? process.env['LOCKKEEPER_CONFIG'] ?? SETTINGS_FILE));
  const onProgress = (text: string) => io.say(`  … ${text}`);
  const stopped = await stopWorker(home);
  const state = await down({ home, onProgress });
  const said = state || stopped ? 'stopped; the data stay under .lockkeeper/' : 'nothing runs here';
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, said }) : said);
  return 0;
}
