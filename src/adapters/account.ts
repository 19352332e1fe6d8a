import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { noUnprivilegedUser } from '../domain/problems/stack.js';
import { run, type Account } from './run.js';

/** Who PostgreSQL may run as when we are root, best first. */
const USERS = ['postgres', 'nobody'];

/**
 * Whom PostgreSQL runs as: undefined for ourselves, somebody else when we are root.
 *
 * @throws Problem `no-unprivileged-user`
 */
export async function account(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (known ??= await findAccount());
}

/** Users of a system do not change while a process lives. */
let known: Account | undefined;

async function findAccount(): Promise<Account> {
  let why = `there is neither a user ${USERS.join(' nor ')}`;
  for (const user of USERS) {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    if (!uid.ok || !gid.ok) continue;
    const as = { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    const tried = await run('/bin/sh', ['-c', 'exit 0'], { as });
    if (tried.ok) return as;
    why = tried.lastWords;
  }
  throw noUnprivilegedUser(why);
}

/** Whether that user gets into a folder: /root, say, is closed to all but root. */
export const canEnter = async (as: Account, folder: string): Promise<boolean> =>
  (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { as })).ok;

/** Not /var/tmp first: systemd removes there, after 30 days, each file that was not read meanwhile. */
export const OUTSIDE = ['/var/lib/lockkeeper', '/var/tmp'] as const;

/**
 * A new folder that another user can pass through, and nobody lists.
 *
 * @throws Problem `no-unprivileged-user` when it can be made nowhere
 */
export async function folderOutside(prefix: string): Promise<string> {
  for (const parent of OUTSIDE) {
    const made = await mkdir(parent, { recursive: true })
      .then(() => mkdtemp(join(parent, prefix)))
      .catch(() => undefined);
    if (!made) continue;
    await chmod(made, 0o711);
    return made;
  }
  throw noUnprivilegedUser(`neither ${OUTSIDE.join(' nor ')} can be written`);
}
