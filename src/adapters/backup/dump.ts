import { basename } from 'node:path';
import type { BackupFile } from '../../domain/backup.js';
import { Problem } from '../../domain/problem.js';
import { backupInterrupted } from '../../domain/problems/backup.js';
import { backupBlocked } from '../../domain/problems/backup-locks.js';
import { type Client, cutOff, withClient } from '../postgres/client.js';
import { connectionOf, libpqEnvironment } from '../postgres/connection.js';
import { codeOf } from '../postgres/failures.js';
import { writeArchive } from './archive.js';
import { alarmsOf } from './alarms.js';
import type { AllOptions, Attempt } from './back-up.js';
import { blockersOf } from './blockers.js';
import { type Description, describeInFull } from './describe.js';
import { type Globals, mayReadPasswords, writeGlobals } from './globals.js';
import { DUMP_LOCK_MS } from './pg-tools.js';
import { writeSchemaPart } from './schema-file.js';
import type { Snapshot } from './snapshot.js';
import { lastOf } from './space.js';
import { together } from './together.js';
import { whileWatched } from './watch.js';

/** What a dump brought, and what its snapshot holds. */
export interface Dumped extends Description {
  alarms: readonly string[];
  /** Transactions that vacuum could not clear up behind. */
  xminAge: number;
  archive: readonly BackupFile[];
  globals: Globals;
  /** Describes the schema, of the same snapshot. */
  schema: BackupFile;
}

/**
 * Dumps the snapshot, and counts meanwhile what it holds.
 *
 * @throws Problem of `writeArchive` and `whileWatched`
 */
export async function dumpAndDescribe(
  attempt: Attempt,
  snapshot: Snapshot,
  url: string,
  options: AllOptions,
): Promise<Dumped> {
  const { client, server, session, files } = attempt;
  const passwords = await mayReadPasswords(client);
  const watched = { ...options, session };
  return whileWatched(url, watched, async (watching) => {
    const [[archive, globals], described] = await together(
      watching,
      (signal) => dump({ attempt, snapshot, url, passwords }, { ...options, signal }),
      (signal) =>
        untilAborted(
          client,
          signal,
          describeInFull(client, snapshot, { ...options, signal, database: server.database }),
        ),
    );
    const { lines, ...known } = described;
    const told = await untilAborted(client, watching, letGo(attempt, known));
    return { archive, globals, ...known, ...told, schema: await writeSchemaPart(files, lines) };
  }).catch(async (error: unknown) => {
    // The schema is looked at outside the snapshot: a function or view was dropped meanwhile.
    if (codeOf(error) === 'XX000') throw backupInterrupted((error as Error).message);
    if (!(error instanceof Problem && error.code === 'backup-blocked')) throw error;
    throw backupBlocked(DUMP_LOCK_MS, await inTheWay(url, session, snapshot));
  });
}

/** Ends the transaction of the snapshot. */
async function letGo({ client, files, server }: Attempt, { contents }: Description) {
  const alarms = await alarmsOf(client, contents, await lastOf(files.folder, server.database));
  const { rows } = await client.query<{ age: number }>(
    'SELECT age(backend_xmin)::float8 AS age FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  await client.query('COMMIT');
  return { alarms, xminAge: rows[0]?.age ?? 0 };
}

interface Dumping {
  attempt: Attempt;
  snapshot: Snapshot;
  url: string;
  passwords: boolean;
}

const dump = (
  { attempt: { files, session, found }, snapshot, url, passwords }: Dumping,
  options: AllOptions,
): Promise<[BackupFile[], Globals]> =>
  together(
    options.signal,
    (signal) =>
      writeArchive(
        found.tools,
        {
          ...{ part: files.part, folder: files.folder, under: basename(files.archive) },
          ...{ snapshot: snapshot.id, jobs: options.jobs },
          tables: snapshot.tables.filter(({ partitioned }) => !partitioned).length,
          env: libpqEnvironment(connectionOf(url), session),
        },
        { ...options, signal },
      ),
    (signal) => writeGlobals(found.tools, { files, url, session, passwords }, { signal }),
  );

/** Counting a large table takes minutes, and a lost network never answers: what is not wanted any more is cut off. */
async function untilAborted<T>(client: Client, signal: AbortSignal, work: Promise<T>): Promise<T> {
  const cut = () => cutOff(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    return await work;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** Asked by a session of its own: that of the snapshot may be cut off. */
const inTheWay = (url: string, session: string, { tables }: Snapshot): Promise<string[]> =>
  withClient(url, { applicationName: session }, (client) => blockersOf(client, tables)).catch(() => []);
