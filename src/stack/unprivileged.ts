import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { account, canEnter, folderOutside, OUTSIDE } from '../adapters/account.js';
import { runnablePrograms } from '../adapters/postgres-programs.js';
import type { Account } from '../adapters/run.js';
import type { Place } from './place.js';

/** PostgreSQL's folder: at home, or where the user that it runs as can get in. */
export async function postgresFolder(place: Place): Promise<string> {
  const as = await account();
  await mkdir(place.postgres, { recursive: true });
  const isAtHome =
    !as || existsSync(join(place.postgres, 'data')) || (await canEnter(as, dirname(place.postgres)));
  return isAtHome ? place.postgres : elsewhere(place);
}

/** The server's programs as that user can run them. */
export const postgresPrograms = (place: Place, pgBin: string, as: Account | undefined): Promise<string> =>
  runnablePrograms(pgBin, as, () => elsewhere(place));

/** A folder of this home outside of it, the same each time; `elsewhere` at home says where. */
async function elsewhere(place: Place): Promise<string> {
  const known = await knownElsewhere(place);
  if (known) return known;
  const made = await folderOutside(prefix(place));
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
  if (dirname(known) === OUTSIDE[0]) await rmdir(OUTSIDE[0]).catch(() => undefined);
}

const prefix = ({ home }: Place): string =>
  `lockkeeper-${createHash('sha256').update(home).digest('hex').slice(0, 12)}-`;
