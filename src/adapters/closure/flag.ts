import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, open, readFile, rm, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closureFrom, flagText, writesFlag, type Closure, type Flag } from '../../domain/closure.js';
import { flagNotWritable } from '../../domain/problems/closure.js';
import { publish, syncPath } from '../disk.js';

/** nginx may run as somebody else, and must be able to see the file. What it says is no secret. */
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/**
 * What lies at the flag's path, else at that of the flag for writes only. One that cannot be read counts as
 * strange: nginx may see it.
 */
export async function readFlag(path: string): Promise<Flag> {
  const whole = await readOne(path);
  return whole.is === 'absent' ? readOne(writesFlag(path), 'writes') : whole;
}

async function readOne(path: string, scope?: 'writes'): Promise<Flag> {
  try {
    const closure = closureFrom(await readFile(path, 'utf8'));
    if (typeof closure !== 'string') return { is: 'closure', closure: ofScope(closure, scope) };
    return { is: 'strange', why: closure, ...(await timeOf(path)) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isLink = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!isLink && (code === 'ENOENT' || code === 'ENOTDIR')) return { is: 'absent' };
    return { is: 'strange', why: message, ...(await timeOf(path)) };
  }
}

/** What nginx closes is told by the file's name, whatever the file says. */
function ofScope({ scope: _, ...closure }: Closure, scope?: 'writes'): Closure {
  return scope ? { ...closure, scope } : closure;
}

/**
 * Writes a closure where nginx looks for it, and takes away the other one, of another scope.
 *
 * @param options.replace - false: only where nothing closes the site yet
 * @returns whether it was written
 * @throws Problem `flag-not-writable`
 */
export async function writeFlag(
  path: string,
  closure: Closure,
  options: { replace: boolean },
): Promise<boolean> {
  const [own, other] = closure.scope === 'writes' ? [writesFlag(path), path] : [path, writesFlag(path)];
  if (!(await writeForNginx(own, flagText(closure), options))) return false;
  if (options.replace) await removeForNginx(other);
  else if ((await readOne(other)).is !== 'absent') {
    // Two closed at once, each in its own way: the later one lets go.
    await removeForNginx(own);
    return false;
  }
  return true;
}

/** Takes away whatever closes the site. @throws Problem `flag-not-writable` */
export async function removeFlags(path: string): Promise<void> {
  await removeForNginx(path);
  await removeForNginx(writesFlag(path));
}

const timeOf = (path: string): Promise<{ since?: string }> =>
  stat(path).then(
    ({ mtime }) => ({ since: mtime.toISOString() }),
    () => ({}),
  );

/**
 * Writes a file for nginx whole or not at all, and readable for everybody. Makes the folder.
 *
 * @param options.replace - false: only where nothing lies yet, so that of two who close at once one is told
 * @returns whether it was written
 * @throws Problem `flag-not-writable`
 */
export async function writeForNginx(
  path: string,
  text: string,
  { replace }: { replace: boolean },
): Promise<boolean> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    await writeAll(part, text);
    if (replace) await publish(part, path);
    return replace || (await placeNew(part, path));
  } catch (error) {
    throw flagNotWritable(path, (error as Error).message);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

async function writeAll(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.chmod(FILE_MODE); // whatever the umask is
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A link, unlike a rename, does not replace what is there. Not every file system has links. */
async function placeNew(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path);
    await syncPath(dirname(path));
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    await publish(part, path);
    return true;
  }
}

/**
 * Removes a file, for good: also after a power cut. Harmless where there is none.
 *
 * @throws Problem `flag-not-writable`
 */
export async function removeForNginx(path: string): Promise<void> {
  try {
    await unlink(path);
    await syncPath(dirname(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw flagNotWritable(path, message);
  }
}

/** The first folder on the way to a file that others than its owner and group may not enter; null: none. */
export async function closedFolder(path: string): Promise<string | null> {
  const folder = dirname(path);
  const above = folder === dirname(folder) ? null : await closedFolder(folder);
  if (above) return above;
  const mode = await stat(folder).then(
    (found) => found.mode,
    () => 0o001,
  );
  return mode & 0o001 ? null : folder;
}
