import { movedSince } from '../adapters/closure/counters.js';
import { untilQuiet } from '../adapters/closure/quiet.js';
import { describeNow } from '../adapters/backup/restore-compare.js';
import { withClient } from '../adapters/postgres/client.js';
import { lossesSince } from '../adapters/postgres/compare-contents.js';
import { identity } from '../adapters/postgres/identity.js';
import type { BackupManifest } from '../domain/backup.js';
import type { VersionTable } from '../domain/plan.js';
import type { WriteCounters } from '../domain/writes.js';
import type { Target } from './home.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';
import { keepCounters, mustSee } from './writers.js';

export interface Losses {
  /** Name of the counters from which on nothing may be written. */
  counters: string;
  /** What was written since the backup, in words. */
  losses: string[];
  /** What was written while we looked; empty when nobody writes. */
  moved: string[];
}

/**
 * What going back to a backup would lose: rows and sequences by counting, and by the server's own counters what
 * was changed in place or deleted. Those may name a little too much: what a session had not reported yet when
 * the backup was taken.
 *
 * @throws Problem `sessions-hidden`, `backup-blocked` (retried)
 */
export async function lossesOf(
  target: Target,
  manifest: BackupManifest | null,
  { runId, versionTable }: { runId: string; versionTable: VersionTable },
  { signal, progress }: Work,
): Promise<Losses> {
  const session = { applicationName: sessionName(target.name, 'restore', runId), signal };
  return withClient(target.url(), session, async (client) => {
    await mustSee(client);
    progress('looks whether anybody writes');
    const { counters, moved } = await untilQuiet(client, signal);
    // Without a manifest nothing is known before the rows are compared.
    if (!manifest) return { counters: await keepCounters(target.config.state, counters), losses: [], moved };
    progress('counts what was written since the backup');
    const ignore = manifest.ignore ?? target.settings.ignore;
    const now = await describeNow(client, { versionTable, ignore, signal });
    const { schema, name } = versionTable;
    const counted = lossesSince(manifest.contents, now.contents, schema ? `${schema}.${name}` : name);
    const { oid } = await identity(client);
    return {
      counters: await keepCounters(target.config.state, counters),
      losses: [...counted, ...written(manifest, oid, counters)],
      moved,
    };
  });
}

/**
 * How many rows of a table can have been written at most since the backup, in words, for one that is too large to
 * be compared.
 */
export function boundOf(
  manifest: BackupManifest | null,
  oid: number,
  now: WriteCounters,
): (table: string) => string {
  const { writes, database } = manifest ?? {};
  const reach = writes && database?.oid === oid && (writes.xid === now.xid || writes.resetAt === now.resetAt);
  return (table) => {
    const [before, after] = [writes?.tables[table], now.tables[table]];
    if (!reach || !before || !after) return "the server's counters do not tell what was written to it";
    if (before[3] !== after[3]) return 'it was emptied or rewritten since';
    const most = [0, 1, 2].reduce((sum, i) => sum + Math.max(0, after[i]! - before[i]!), 0);
    return `at most ${most.toLocaleString('en-US')} rows, by the server's counters`;
  };
}

/** By the counters of the server; where they do not reach back to the backup, that is a loss nobody can name. */
function written({ writes, database }: BackupManifest, oid: number, now: WriteCounters): string[] {
  if (!writes) return [`${UNKNOWN}: the backup has no counters`];
  if (database.oid !== oid) return [`${UNKNOWN}: the database was replaced since the backup`];
  if (writes.xid !== now.xid && writes.resetAt !== now.resetAt)
    return [`${UNKNOWN}: the server has set its counters back at ${now.resetAt ?? 'an unknown time'}`];
  return movedSince(writes, now).map((words) => `${words} since, by the server's counters`);
}

const UNKNOWN = 'what was changed in place or deleted cannot be told';
