import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCounters } from '../adapters/closure/counters.js';
import { differences } from '../adapters/lost/differences.js';
import { readLost } from '../adapters/lost/folder.js';
import { readManifest } from '../adapters/backup/files.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import type { Lost, LostIndex } from '../domain/lost.js';
import type { Outcome } from '../domain/record.js';
import { sourceText, type RestorePlan } from '../domain/restore.js';
import { totalOf } from '../plan/lost.js';
import type { Target } from './home.js';
import { recordsOf } from './records.js';
import { boundOf } from './restore-losses.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';
import { GIB } from '../domain/units.js';

/** Where the rows lie that restores of a target have taken away. */
export const lostFolder = ({ name, config }: Target): string => join(config.state, 'lost', name);

export interface Counted {
  lost: Lost;
  index: LostIndex;
}

interface Between {
  /** Names the folder of the rows. */
  id: string;
  /** Connected to the live database. */
  live: Client;
  /** Connected to what is to take its place. */
  copy: Client;
}

/**
 * Counts, row by row, what the live database has that the other one has not, and writes it into files, before
 * anybody is asked.
 */
export async function countLost(
  target: Target,
  plan: RestorePlan,
  { id, live, copy }: Between,
  { signal, progress }: Work,
): Promise<Counted> {
  const manifest = plan.backup ? ((await readManifest(plan.backup.manifest)) ?? null) : null;
  const { schema, name } = plan.versionTable;
  const { database, only, source } = plan;
  const { index, sha256 } = await differences(live, copy, {
    ...{ path: join(lostFolder(target), id), id, target: target.name, comparedWith: sourceText(plan) },
    leaveOut: [`${schema ?? 'public'}.${name}`],
    ...(only ? { only } : {}),
    mostBytes: target.settings.backup.compareUpToGb * GIB,
    bound: boundOf(manifest, database.oid, await writeCounters(live)),
    ...(await since(target, source)),
    signal,
    onProgress: progress,
  });
  return { index, lost: { id, ...totalOf(index), sha256 } };
}

/** What the restore that is taken back has taken away: rows that are still as it left them are no loss. */
async function since(target: Target, source: RestorePlan['source']) {
  if (source?.kind !== 'kept' || !source.runId) return {};
  for (const id of [`${source.runId}-closed`, source.runId]) {
    const path = join(lostFolder(target), id);
    const index = await readLost(path).catch(() => undefined);
    if (index) return { since: { path, index } };
  }
  return {};
}

/** Two sessions beside each other. */
export const withBoth = <T>(
  target: Target,
  { runId, url }: { runId: string; url: string },
  signal: AbortSignal,
  work: (live: Client, copy: Client) => Promise<T>,
): Promise<T> => {
  const session = { applicationName: sessionName(target.name, 'lost', runId), signal };
  return withClient(target.url(), session, (live) => withClient(url, session, (copy) => work(live, copy)));
};

/** Outcomes after which the live database has these rows still. */
const NOT_LOST: readonly Outcome[] = ['rejected', 'expired', 'failed', 'undone'];

/** Removes the files of restores that did not come to be: their rows are in the live database. So are half written ones. */
export async function forgetUnlost(target: Target, runId: string): Promise<void> {
  const folder = lostFolder(target);
  const all = await readdir(folder).catch(() => []);
  for (const id of all.filter((each) => each.endsWith('.part')))
    await rm(join(folder, id), { recursive: true, force: true });
  const ids = all.filter((id) => !id.startsWith(runId) && !id.endsWith('.part'));
  if (!ids.length) return;
  const records = await recordsOf(target.config.state, target.name);
  for (const id of ids) {
    const record = records.find((each) => id.startsWith(each.runId));
    if (record && NOT_LOST.includes(record.outcome))
      await rm(join(folder, id), { recursive: true, force: true });
  }
}
