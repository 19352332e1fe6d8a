import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { noUnprivilegedUser } from '../domain/problems/stack.js';
import type { Place } from './place.js';
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
const canEnter = async (as: Account, folder: string): Promise<boolean> =>
  (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { as })).ok;

/** PostgreSQL's folder: at home, or where the user that it runs as can get in. */
export async function postgresFolder(place: Place): Promise<string> {
  const as = await account();
  await mkdir(place.postgres, { recursive: true });
  const isAtHome =
    !as || existsSync(join(place.postgres, 'data')) || (await canEnter(as, dirname(place.postgres)));
  return isAtHome ? place.postgres : elsewhere(place);
}

/**
 * The programs as that user can run them: those of the Python environment, or a copy of them.
 * They find each other and their libraries by relative paths, so that both folders are copied together.
 */
export async function postgresPrograms(
  place: Place,
  pgBin: string,
  as: Account | undefined,
): Promise<string> {
  if (!as || (await run(join(pgBin, 'postgres'), ['--version'], { as })).ok) return pgBin;
  const { stdout } = await run(join(pgBin, 'postgres'), ['--version']);
  const copy = join(await elsewhere(place), `programs-${/[\d.]+/.exec(stdout)?.[0] ?? 'unknown'}`);
  if (!existsSync(copy)) {
    const packages = join(pgBin, '..', '..', '..');
    await rm(`${copy}.new`, { recursive: true, force: true });
    for (const folder of ['embedded_postgres/pginstall', 'embedded_postgres.libs'])
      if (existsSync(join(packages, folder)))
        await cp(join(packages, folder), join(`${copy}.new`, folder), {
          recursive: true,
          verbatimSymlinks: true,
        });
    await rename(`${copy}.new`, copy);
  }
  return join(copy, 'embedded_postgres', 'pginstall', 'bin');
}

/** Not /var/tmp first: systemd removes there, after 30 days, each file that was not read meanwhile. */
const PLACES = ['/var/lib/lockkeeper', '/var/tmp'];

/** A folder of this home outside of it, the same each time; `elsewhere` at home says where. */
async function elsewhere(place: Place): Promise<string> {
  const known = await knownElsewhere(place);
  if (known) return known;
  const made = await makeElsewhere(prefix(place));
  await writeFile(join(place.postgres, 'elsewhere'), made);
  return made;
}

/** Undefined too when the home is a copy of another one, whose folder it is. */
export async function knownElsewhere(place: Place): Promise<string | undefined> {
  const known = await readFile(join(place.postgres, 'elsewhere'), 'utf8').catch(() => '');
  return basename(known).startsWith(prefix(place)) && existsSync(known) ? known : undefined;
}

/** Deletes that folder with all that is in it. */
export async function forgetElsewhere(place: Place): Promise<void> {
  const known = await knownElsewhere(place);
  if (!known) return;
  await rm(known, { recursive: true });
  // Its parent too when it was the last one there, unless others use that.
  if (dirname(known) === PLACES[0]) await rmdir(PLACES[0]).catch(() => undefined);
}

const prefix = ({ home }: Place): string =>
  `lockkeeper-${createHash('sha256').update(home).digest('hex').slice(0, 12)}-`;

async function makeElsewhere(name: string): Promise<string> {
  for (const parent of PLACES) {
    const made = await mkdir(parent, { recursive: true })
      .then(() => mkdtemp(join(parent, name)))
      .catch(() => undefined);
    if (!made) continue;
    // To be passed through by PostgreSQL's user, listed by nobody.
    await chmod(made, 0o711);
    return made;
  }
  throw noUnprivilegedUser(`neither ${PLACES.join(' nor ')} can be written`);
}
