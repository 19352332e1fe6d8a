import { join } from 'node:path';
import { readManifest } from '../adapters/backup/files.js';
import type { Restored } from '../adapters/backup/restore-beside.js';
import { restoreTables } from '../adapters/backup/restore-tables.js';
import { applyLost } from '../adapters/lost/apply.js';
import { readLost } from '../adapters/lost/folder.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import { tableNotLive } from '../domain/problems/restore-run.js';
import type { RestorePlan } from '../domain/restore.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { bytes, count, duration } from '../domain/units.js';
import { lostLines, totalText } from '../plan/lost.js';
import type { Home, Target } from './home.js';
import { readRestorePlan } from './plans.js';
import { judged } from './restore-check.js';
import { countLost, lostFolder, withBoth } from './restore-lost.js';
import { restoreOptions } from './restore-options.js';
import { type Proved, unchanged, using } from './restore-prove.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/**
 * Restores only some tables beside, and tells them and the live ones apart both ways: what would be written into
 * the live database, which people approve, and what that takes away, which is kept.
 */
export async function proveTables(
  target: Target,
  plan: RestorePlan,
  runId: string,
  work: Work,
): Promise<Proved> {
  const {
    url,
    ms,
    bytes: size,
  } = (await using(target, plan, runId, work, () => tablesBeside(target, plan, runId, work))).result;
  const found = await withBoth(target, { runId, url }, work.signal, async (live, copy) => ({
    lost: await countLost(target, plan, { id: runId, live, copy }, work),
    changes: await countLost(target, plan, { id: `${runId}-changes`, live: copy, copy: live }, work),
  }));
  const { lost, changes } = found;
  const losses = lostLines(changes.index);
  const gone = changes.index.tables.filter(({ where }) => where === 'only live').map(({ name }) => name);
  if (gone.length) throw tableNotLive(target.name, gone);
  return {
    note: `restored beside in ${duration(ms)} (${bytes(size)}); would write ${totalText(changes.lost)}`,
    changes: {
      losses: losses.length ? losses : [],
      ...{ lost: lost.lost, changes: changes.lost },
      ...judged(target, lost.lost.rows > 0 || plan.risk === 'very-high'),
    },
  };
}

async function tablesBeside(target: Target, plan: RestorePlan, runId: string, work: Work): Promise<Restored> {
  const backup = await unchanged(plan);
  const manifest = await readManifest(backup.manifest);
  const session = { applicationName: sessionName(target.name, 'look', runId), signal: work.signal };
  const names = await withClient(target.url(), session, (client) =>
    leavesOf(client, plan.only ?? [], Object.keys(manifest?.contents.tables ?? {})),
  );
  const options = await restoreOptions(target, plan, { runId, backup }, work, 'restore');
  return restoreTables({ url: target.url() }, backup, names, options);
}

/** A partitioned table stands for its partitions, which have the rows. */
async function leavesOf(
  client: Client,
  names: readonly string[],
  known: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
     FROM unnest($1::text[]) AS w(name), pg_partition_tree(to_regclass(w.name)) p
       JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE p.isleaf`,
    [names],
  );
  const leaves = rows.map(({ name }) => name).filter((name) => known.includes(name));
  return [...new Set([...names.filter((name) => known.includes(name) || !leaves.length), ...leaves])];
}

/**
 * Writes the approved changes into the live database, in one transaction, each row only where it still is as it was
 * when people were asked. Safe to repeat: a row that is as it will be is left alone.
 *
 * @throws Problem of `applyLost`, `lost-missing`, `lost-damaged`
 */
export async function applyTables(home: Home, input: StepInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readRestorePlan(target.config.state, input.planHash);
  const path = join(lostFolder(target), plan.changes?.id ?? '');
  const index = await readLost(path, plan.changes?.sha256);
  const session = { applicationName: sessionName(target.name, 'apply', input.runId), signal: work.signal };
  const applied = await withClient(target.url(), session, (client) =>
    applyLost(client, {
      ...{ path, index, dryRun: false, leaveConflicts: false },
      ...{ signal: work.signal, onProgress: work.progress },
    }),
  );
  const done = `${count(applied.rows, 'row')} written in ${count(applied.tables, 'table')}`;
  return { note: `${done}${applied.already ? `, ${applied.already} were so already` : ''}` };
}
