import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchNotStarted } from '../../domain/problems/rehearsal-place.js';
import { freePort, HOST } from '../ports.js';
import { runnablePrograms } from '../postgres-programs.js';
import { withClient } from '../postgres/client.js';
import { type DataFolder, type Kept, makeData, writeSettings } from './data-folder.js';
import { stopServerIn } from './end.js';
import type { ScratchFolder } from './folder.js';
import { endGuard, startAgain, startGuard } from './guard.js';
import { careful, fixed, type ServerSettings } from './settings.js';
import { answers, lastWords } from './answers.js';

export interface ScratchOptions {
  /** Folder with initdb and postgres. */
  programs: string;
  folder: ScratchFolder;
  /** Name of its superuser: that of the live server, who owns what nobody else does. */
  superuser: string;
  /** Of the live server: how long things take is to be as there. */
  settings: ServerSettings;
  /** What it begins with; default: nothing. */
  from?: Kept;
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
  /** Whether it began with what was kept. */
  isKept: boolean;
  /** URL of one of its databases, for the superuser. */
  url(database: string): string;
  /** From here on commits and the write-ahead log are as in production. */
  becomeCareful(): Promise<void>;
  /**
   * Stops it, and starts it again after `act`, which finds its data folder as a clean stop leaves it.
   *
   * @throws Problem `scratch-not-started`; what `act` throws
   */
  pausing<T>(act: (data: string, programs: string) => Promise<T>): Promise<T>;
  /** Ends it, whoever uses it, and deletes it. */
  stop(): Promise<void>;
}

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
  let { from } = options;
  for (let tries = 3; ; tries -= 1) {
    signal.throwIfAborted();
    // Its guard has deleted what did not start.
    const data = await makeData({ programs, build: options.programs, folder, superuser, from });
    const port = await freePort();
    await writeSettings(data.path, 'lockkeeper.conf', { ...options.settings, ...fixed(port, HOST) }, folder);
    const guard = startGuard(programs, data.path, folder, options.onStart);
    const why = await answers(guard, urlOf(superuser, data.password, port)('template1'), options);
    if (why === undefined) return running({ guard, data, programs, port, password }, options);
    await endGuard(guard, data.path);
    const words = await lastWords(folder);
    await rm(join(folder.path, 'log'), { force: true });
    signal.throwIfAborted();
    // Somebody may have taken the port in between. Else what it is a copy of was damaged: made anew.
    const isPort = /could not (bind|create any TCP)/.test(words);
    if (!isPort) {
      await data.forget();
      from = undefined;
    }
    if (tries <= 1 || !(data.isCopy || isPort)) throw scratchNotStarted(applicationName, words || why);
  }
}

interface Started {
  guard: ChildProcess;
  data: DataFolder;
  programs: string;
  port: number;
  password: string;
}

async function running(
  { guard, data, programs, port, password }: Started,
  options: ScratchOptions,
): Promise<ScratchServer> {
  const { folder, superuser } = options;
  const url = urlOf(superuser, password, port);
  try {
    await newPassword(urlOf(superuser, data.password, port)('template1'), password, options);
  } catch (error) {
    await endGuard(guard, data.path);
    throw error;
  }
  const asked = url('template1');
  return {
    ...{ host: HOST, port, superuser, password, folder, url, isKept: data.isKept },
    becomeCareful: () => becomeCareful(asked, data.path, options),
    pausing: (act) => pausing(guard, data.path, asked, options, () => act(data.path, programs)),
    stop: () => stopServer(guard, data.path, folder),
  };
}

/** Of the one that it was made with there is a copy. */
const newPassword = (url: string, password: string, { superuser, applicationName, signal }: ScratchOptions) =>
  withClient(url, { applicationName, signal }, (client) =>
    client.query(
      `ALTER ROLE ${client.escapeIdentifier(superuser)} PASSWORD ${client.escapeLiteral(password)}`,
    ),
  );

async function pausing<T>(
  guard: ChildProcess,
  data: string,
  url: string,
  options: ScratchOptions,
  act: () => Promise<T>,
): Promise<T> {
  const { applicationName, folder, signal } = options;
  if (!(await stopServerIn(data))) throw scratchNotStarted(applicationName, 'it could not be stopped');
  const result = await act();
  // Whom its stop has ended is no reason not to wait for it.
  await rm(join(folder.path, 'log'), { force: true });
  startAgain(guard);
  const why = await answers(guard, url, options);
  signal.throwIfAborted();
  if (why !== undefined) throw scratchNotStarted(applicationName, (await lastWords(folder)) || why);
  return result;
}

const urlOf = (user: string, password: string, port: number) => (database: string) =>
  `postgresql://${encodeURIComponent(user)}:${password}@${HOST}:${port}/${encodeURIComponent(database)}?sslmode=disable`;

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
