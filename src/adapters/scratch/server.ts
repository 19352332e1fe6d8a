import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chown, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../domain/problem.js';
import { scratchNotStarted } from '../../domain/problems/rehearsal-place.js';
import { freePort, HOST } from '../ports.js';
import { runnablePrograms } from '../postgres-programs.js';
import { withClient } from '../postgres/client.js';
import type { ScratchFolder } from './folder.js';
import { endGuard, startGuard } from './guard.js';
import { initialData } from './initial.js';
import { careful, careless, fixed, type ServerSettings, settingsText } from './settings.js';

export interface ScratchOptions {
  /** Folder with initdb and postgres. */
  programs: string;
  folder: ScratchFolder;
  /** Name of its superuser: that of the live server, who owns what nobody else does. */
  superuser: string;
  /** Of the live server: how long things take is to be as there. */
  settings: ServerSettings;
  applicationName: string;
  signal: AbortSignal;
  onStart?: (pid: number) => void;
}

/** A server of our own, for one rehearsal. */
export interface ScratchServer {
  host: string;
  port: number;
  superuser: string;
  /** Of the superuser, and of all who may connect. Known to nobody outside of this machine, and for an hour. */
  password: string;
  folder: ScratchFolder;
  /** URL of one of its databases, for the superuser. */
  url(database: string): string;
  /** From here on commits and the write-ahead log are as in production. */
  becomeCareful(): Promise<void>;
  /** Ends it, whoever uses it, and deletes it. */
  stop(): Promise<void>;
}

const START_MS = 60_000;
const LOOK_EVERY_MS = 15;

/**
 * Makes and starts a server that only this machine reaches. It ends with the worker: its guard reads a pipe that the
 * worker holds, and deletes the data once that is closed.
 *
 * @throws Problem `scratch-not-started`; the signal's reason when aborted
 */
export async function startScratch(options: ScratchOptions): Promise<ScratchServer> {
  const { folder, superuser, signal, applicationName } = options;
  const password = randomBytes(18).toString('base64url');
  const programs = await runnablePrograms(options.programs, folder.as, () => Promise.resolve(folder.path));
  for (let tries = 3; ; tries -= 1) {
    signal.throwIfAborted();
    // Its guard has deleted what did not start.
    const initial = await initialData({ programs, build: options.programs }, superuser, folder);
    const { data } = initial;
    await include(data, folder);
    const port = await freePort();
    await writeSettings(data, 'lockkeeper.conf', { ...options.settings, ...fixed(port, HOST) }, folder);
    const guard = startGuard(programs, data, folder, options.onStart);
    const url = urlOf(superuser, password, port);
    const first = urlOf(superuser, initial.password, port)('template1');
    const why = await answers(guard, first, options);
    if (why === undefined) {
      await setPassword(first, password, options).catch(async (error: unknown) => {
        await endGuard(guard, data);
        throw error;
      });
      const reload = () => becomeCareful(url('template1'), data, options);
      const stop = () => stopServer(guard, data, folder);
      return { host: HOST, port, superuser, password, folder, url, becomeCareful: reload, stop };
    }
    await endGuard(guard, data);
    // Kept once, and damaged since: made anew.
    await rm(initial.kept, { recursive: true, force: true });
    // Somebody may have taken the port in between.
    const words = await lastWords(folder);
    await rm(join(folder.path, 'log'), { force: true });
    signal.throwIfAborted();
    const isOther = initial.isCopy || /could not (bind|create any TCP)/.test(words);
    if (tries <= 1 || !isOther) throw scratchNotStarted(applicationName, words || why);
  }
}

const urlOf = (user: string, password: string, port: number) => (database: string) =>
  `postgresql://${encodeURIComponent(user)}:${password}@${HOST}:${port}/${encodeURIComponent(database)}?sslmode=disable`;

async function include(data: string, folder: ScratchFolder): Promise<void> {
  await appendFile(join(data, 'postgresql.conf'), "\ninclude 'lockkeeper.conf'\ninclude 'phase.conf'\n");
  await writeSettings(data, 'phase.conf', careless, folder);
}

/** Of the one that it was made with there is a copy. */
const setPassword = (
  url: string,
  password: string,
  { applicationName, signal, superuser }: ScratchOptions,
): Promise<unknown> =>
  withClient(url, { applicationName, signal }, (client) =>
    client.query(
      `ALTER ROLE ${client.escapeIdentifier(superuser)} PASSWORD ${client.escapeLiteral(password)}`,
    ),
  );

async function writeSettings(
  data: string,
  name: string,
  settings: ServerSettings,
  { as }: ScratchFolder,
): Promise<void> {
  const path = join(data, name);
  await writeFile(path, settingsText(settings), { mode: 0o600 });
  if (as) await chown(path, as.uid, as.gid);
}

/** @returns why it does not; undefined: it does */
async function answers(
  guard: ChildProcess,
  url: string,
  { applicationName, signal, folder }: ScratchOptions,
): Promise<string | undefined> {
  const until = performance.now() + START_MS;
  let why = 'it did not start';
  while (performance.now() < until && guard.pid && guard.exitCode === null && !signal.aborted) {
    try {
      await withClient(url, { applicationName }, (client) => client.query('SELECT 1'));
      return undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      why = error.message;
      if (/FATAL/.test(await lastWords(folder)) && error.code === 'database-unreachable') return why;
    }
    await sleep(LOOK_EVERY_MS);
  }
  return why;
}

const lastWords = async ({ path }: ScratchFolder): Promise<string> =>
  (await readFile(join(path, 'log'), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => /FATAL|ERROR|HINT|could not/.test(line))
    .slice(-3)
    .join('; ');

async function becomeCareful(url: string, data: string, options: ScratchOptions): Promise<void> {
  const { applicationName, signal, folder } = options;
  const session = { applicationName, signal };
  // As it comes every few minutes in production: pages that are changed next are written whole. What it writes here
  // needs no flushing.
  await withClient(url, session, (client) => client.query('CHECKPOINT'));
  await writeSettings(data, 'phase.conf', careful, folder);
  await withClient(url, session, (client) => client.query('SELECT pg_reload_conf()'));
  const isCareful = () =>
    withClient(url, session, async (client) => {
      const { rows } = await client.query<{ fsync: string }>(`SELECT current_setting('fsync') AS fsync`);
      return rows[0]?.fsync === 'on';
    });
  while (!(await isCareful())) await sleep(LOOK_EVERY_MS);
}

async function stopServer(guard: ChildProcess, data: string, folder: ScratchFolder): Promise<void> {
  await endGuard(guard, data);
  await folder.remove();
}
