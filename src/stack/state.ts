import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../domain/problem.js';
import { folderNotOurs } from '../domain/problems/stack.js';
import type { Place } from './place.js';
import { isAlive, type ProcessIdentity } from './process.js';

export type ServerName = 'postgres' | 'temporal' | 'nginx';
export type PortName = ServerName | 'temporalUi';
export type SearchAttributeType = 'Keyword' | 'Int' | 'Datetime' | 'Bool';

export interface ServerState {
  ports: Partial<Record<PortName, number>>;
  version: string;
  log: string;
  /** What the server keeps: absolute. */
  folder: string;
  /** Undefined while it does not run. */
  process?: ProcessIdentity;
}

export interface PostgresState extends ServerState {
  host: string;
  port: number;
  user: string;
  password: string;
}

export interface TemporalState extends ServerState {
  /** As TEMPORAL_ADDRESS wants it. */
  address: string;
  namespace: string;
  uiUrl: string;
  /** How long finished runs are kept; undefined until that is set. */
  retention?: string;
  searchAttributes: Readonly<Record<string, SearchAttributeType>>;
}

export interface NginxState extends ServerState {
  port: number;
  url: string;
  /** nginx.conf: for `nginx -c`, with `folder` for `-p`. */
  conf: string;
  /** Folder whose `*.conf` files are part of the configuration. */
  sites: string;
}

export interface ServerStates {
  postgres?: PostgresState;
  temporal?: TemporalState;
  nginx?: NginxState;
}

export interface StackState extends ServerStates {
  home: string;
  /** What the last `up` did otherwise than expected, in words. */
  notes: string[];
}

/** The state as it was written; a copied folder's is not ours: its ports and processes belong to the original. */
export async function readState(place: Place): Promise<StackState> {
  const none: StackState = { home: place.home, notes: [] };
  if (!existsSync(place.state)) return none;
  const state = JSON.parse(await readFile(place.state, 'utf8')) as StackState;
  return state.home === place.home ? state : none;
}

/** The state, where only servers that run have a process. */
export async function liveState(place: Place): Promise<StackState> {
  const state = await readState(place);
  for (const server of [state.postgres, state.temporal, state.nginx])
    if (server && !(await isAlive(server.process))) delete server.process;
  return state;
}

/**
 * Whole or not at all, and for nobody else to read: a password is in it. Not asynchronous: the servers are
 * started side by side, and nothing should come between a start and its note.
 */
export function writeState(place: Place, state: StackState): void {
  writeFileSync(`${place.state}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${place.state}.new`, place.state);
}

/** Makes `.lockkeeper`, which git is not to see. @throws Problem `folder-not-ours` */
export async function makeFolder(place: Place): Promise<void> {
  try {
    await mkdir(place.folder, { recursive: true });
    await mustBeOurs(place);
    await mkdir(place.logs, { recursive: true });
    await chmod(place.folder, 0o755);
    await writeFile(join(place.folder, '.gitignore'), '*\n');
  } catch (error) {
    throw error instanceof Problem ? error : folderNotOurs(place.folder, (error as Error).message);
  }
}

/** Two users in turn would each leave files that the other cannot read; root would take PostgreSQL's away. */
export async function mustBeOurs({ folder }: Place): Promise<void> {
  const [owner, we] = [(await stat(folder)).uid, process.getuid?.()];
  if (we !== undefined && owner !== we)
    throw folderNotOurs(folder, `it belongs to the user with the number ${owner}, and this is number ${we}`);
}
