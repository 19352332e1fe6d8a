import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackUpOptions } from '../../../src/adapters/backup/back-up.js';
import { readManifest } from '../../../src/adapters/backup/files.js';
import { dropCopy, restoreBeside } from '../../../src/adapters/backup/restore-beside.js';
import type { Backup, BackupManifest } from '../../../src/domain/backup.js';
import {
  applicationName,
  binFolder,
  filesIn,
  newFolder,
  oneValue,
  run,
  take,
  until,
  wrapped,
} from './support.js';

/** One fault, numbered as in docs/backup-faults.md; it must be seen to have happened. */
export interface FaultCase {
  row: number;
  name: string;
  act: (scene: Scene) => Promise<void>;
}

/** A database, and a folder that has one good backup of it already. */
export interface Scene {
  url: string;
  folder: string;
  good: Backup;
  /** Tries the backup `run-2`. */
  take: (options?: Partial<BackUpOptions>) => Promise<Backup>;
}

/** 60,000 rows that do not compress, and some of each kind of thing. */
export const schema = `
  CREATE TABLE noise AS SELECT n AS id,
    decode(concat(${Array.from({ length: 8 }, () => 'md5(random()::text)').join()}), 'hex') AS x
  FROM generate_series(1, 60000) n;
  ALTER TABLE noise ADD PRIMARY KEY (id);
  CREATE TABLE small (id bigserial PRIMARY KEY, note text);
  INSERT INTO small (note) SELECT 'note ' || n FROM generate_series(1, 5000) n;
  SELECT lo_from_bytea(0, 'a large object');
  ANALYZE`;

/** @param pgBin - tools of the server's version; default: those of the tests */
export async function sceneIn(url: string, pgBin?: string): Promise<Scene> {
  const folder = await newFolder();
  const tools = pgBin ? { pgBin } : {};
  const good = await take(url, { folder, name: 'run-1', jobs: 2, ...tools });
  const tried = (options: Partial<BackUpOptions> = {}) =>
    take(url, { folder, name: 'run-2', jobs: 2, ...options });
  return { url, folder, good, take: tried };
}

/** What must hold after any fault, whatever came of the backup. */
export async function invariants({ url, folder, good }: Scene): Promise<void> {
  const names = await filesIn(folder);
  // Nothing has a final name that is not complete, and nothing half done is left.
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  if (!names.includes('run-2.json')) expect(names.filter((name) => name.startsWith('run-2'))).toEqual([]);
  // The good one is as it was.
  expect(await take(url, { folder, name: 'run-1', attempt: 9 })).toEqual(good);
  expect(
    Number(
      await oneValue(
        url,
        `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND starts_with(application_name, '${applicationName}')`,
      ),
    ),
  ).toBe(0);
}

export const manifestOf = async ({ manifest }: Backup): Promise<BackupManifest> =>
  (await readManifest(manifest))!;

/** What a backup failed of. */
export const failure = (
  taking: Promise<Backup>,
): Promise<{ code: string; told: { retry: boolean; why?: string } }> =>
  taking.then(
    (backup) => {
      throw new Error(`it did not fail: ${JSON.stringify(backup)}`);
    },
    (error: unknown) => error as { code: string; told: { retry: boolean; why?: string } },
  );

/**
 * The same, where a busy machine may let the fault come too late: pg_dump had all its rows before it was stopped. Then
 * once more.
 *
 * @param attempt - takes a backup of that name, and brings the fault about
 */
export async function failureInTime(
  attempt: (name: string) => Promise<Backup>,
): Promise<{ code: string; told: { retry: boolean; why?: string } }> {
  for (let tries = 1; ; tries += 1) {
    const failed = await attempt(`faulty-${tries}`).then(
      () => undefined,
      (error: unknown) => error as { code: string; told: { retry: boolean; why?: string } },
    );
    if (failed) return failed;
    if (tries === 4) throw new Error('the fault came too late each time');
  }
}

/** A pg_dump that stands still once it has written rows, until told to go on. */
export async function standing(
  bin?: string,
): Promise<{ pgBin: string; stands: () => Promise<void>; goOn: () => Promise<void> }> {
  const folder = await newFolder();
  const [there, go] = [join(folder, 'there'), join(folder, 'go')];
  const pgBin = await wrapped({
    pg_dump: `case "$*" in *--snapshot=*) ;; *) exec "$real" "$@";; esac
      part=$(printf '%s\\n' "$@" | sed -n 's/^--file=//p')
      "$real" "$@" & dump=$!
      # By bash alone: a machine that is busy takes longer to start a program than to dump a table.
      while kill -0 $dump; do
        for file in "$part"/[0-9]*.dat*; do [ -s "$file" ] && break 2; done
        sleep 0.005
      done
      read -r workers < /proc/$dump/task/$dump/children
      all="$dump $workers"; kill -STOP $all; touch ${there}
      while [ -d ${folder} ] && [ ! -e ${go} ]; do sleep 0.02; done; kill -CONT $all; wait $dump`,
    ...(bin ? { from: bin } : {}),
  });
  return {
    pgBin,
    stands: () => until(async () => (await filesIn(folder)).includes('there'), 30_000),
    goOn: () => writeFile(go, ''),
  };
}

/** Restores a backup, compared with its manifest, and asks the copy. */
export async function restored<T>(
  url: string,
  backup: Backup,
  ask: (copy: string) => Promise<T>,
  pgBin?: string,
): Promise<T> {
  const copy = await restoreBeside({ url }, backup, {
    ...{
      name: 'faults',
      pgBin: pgBin ?? (await binFolder()),
      jobs: 2,
      applicationName: `${applicationName}:restore`,
    },
    ...{ attempt: 1, signal: new AbortController().signal, onProgress: () => {} },
  });
  try {
    return await ask(copy.url);
  } finally {
    await dropCopy(url, copy.name, applicationName);
  }
}

/** Sessions of pg_dump on this database. */
export const dumping = async (url: string): Promise<number[]> => {
  const { rows } = await run(
    url,
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
     AND starts_with(application_name, '${applicationName}') AND query LIKE '%COPY%' ORDER BY 1`,
  );
  return (rows as { pid: number }[]).map(({ pid }) => pid);
};
