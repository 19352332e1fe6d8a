import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';

/** What the bridge's answer was made of, as paths. */
export interface Inputs {
  /** Why the answer may be another one though nothing of this has changed; null: it cannot. */
  why: string | null;
  /** Read, or looked for: they may not exist. */
  files: readonly string[];
  /** Whose list of names counts. */
  folders: readonly string[];
  /** Where Python looks for modules: a new one may come first. */
  searched: readonly string[];
}

/** The same with what stood there: path → what tells whether it has changed. */
export type Snapshot = Readonly<Record<string, string>>;

/**
 * What there is now. Files of the project go by their content, others (Python's, those of packages) by size, times
 * and inode: reading them takes longer than Python needs to start.
 *
 * @param root - folder of the project
 */
export function snapshotOf({ files, folders, searched }: Omit<Inputs, 'why'>, root: string): Snapshot {
  const inProject = (path: string) =>
    path.startsWith(root + sep) && !path.includes(`${sep}site-packages${sep}`);
  return Object.fromEntries([
    ...files.map((path) => [path, inProject(path) ? contentOf(path) : standingOf(path)]),
    ...folders.map((path) => [path + sep, namesIn(path)]),
    ...searched.map((path) => [`${path}${sep}*`, inProject(path + sep) ? namesIn(path) : changeOf(path)]),
  ]);
}

/** Whether nothing has changed since. */
export const isUnchanged = (snapshot: Snapshot, root: string): boolean => {
  const paths = Object.keys(snapshot);
  const searched = paths.flatMap((path) => (path.endsWith(`${sep}*`) ? path.slice(0, -2) : []));
  const folders = paths.flatMap((path) => (path.endsWith(sep) ? path.slice(0, -1) : []));
  const files = paths.filter((path) => !path.endsWith(sep) && !path.endsWith(`${sep}*`));
  const now = snapshotOf({ files, folders, searched }, root);
  return paths.every((path) => now[path] === snapshot[path]);
};

/**
 * Whether something of it was changed at that time or later, or may have been: clocks of file systems are coarse. A
 * file that is not there may have been there then: that its folder has not changed since tells that it was not.
 */
export const changedSince = ({ files, folders, searched }: Omit<Inputs, 'why'>, time: number): boolean =>
  files.some((path) => (isFolder(path) ? false : lastChange(path) >= time - COARSE_MS)) ||
  [...folders, ...searched].some((path) => lastChange(path) >= time - COARSE_MS);

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Milliseconds since 1970. Of a link also when that to which it leads was changed. */
function lastChange(path: string): number {
  const found = [lstatSync(path, { throwIfNoEntry: false }), statSync(path, { throwIfNoEntry: false })];
  if (!found[0]) return path === dirname(path) ? Infinity : lastChange(dirname(path));
  return Math.max(...found.map((each) => (each ? Math.max(each.ctimeMs, each.mtimeMs) : 0)));
}
/** How coarse clocks of file systems are. */
export const COARSE_MS = 20;

const GONE = 'not there';

/** Of a link also where it leads; of a folder that it is one: whose list of names counts is said apart. */
function standingOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (!found) return GONE;
  if (found.isDirectory()) return 'folder';
  if (found.isSymbolicLink()) return `link to ${readlinkSync(path)}: ${standingOf(realpathOf(path))}`;
  return [found.size, found.mtimeNs, found.ctimeNs, found.ino].join(' ');
}

/** The folder's own time changes when a name in it comes or goes. */
function changeOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found ? [found.mtimeNs, found.ino].join(' ') : GONE;
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return `${path}/`; // it leads nowhere
  }
}

function contentOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return GONE;
  return found.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'no file';
}

function namesIn(path: string): string {
  try {
    return createHash('sha256').update(readdirSync(path).sort().join('\0')).digest('hex');
  } catch {
    return GONE;
  }
}
