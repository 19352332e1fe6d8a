import { copiesOfRun } from '../adapters/backup/restore-copies.js';
import { movedSince, writeCounters } from '../adapters/closure/counters.js';
import { lastValues, moveSequences } from '../adapters/lost/sequences.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { fingerprint } from '../adapters/postgres/fingerprint.js';
import { databaseNamed, databases, onServer, withDatabase } from '../adapters/postgres/databases.js';
import { withKept } from '../adapters/postgres/kept.js';
import { finishSwap, swapDatabases, unswap } from '../adapters/postgres/swap.js';
import { databaseReplaced, writtenMeanwhile } from '../domain/problems/restore-run.js';
import { sourceText, type RestorePlan } from '../domain/restore.js';
import type { Noted, StepInput, Undone } from '../domain/steps.js';
import { count } from '../domain/units.js';
import { totalText } from '../plan/lost.js';
import type { Home, Target } from './home.js';
import { readRestorePlan } from './plans.js';
import { countLost } from './restore-lost.js';
import { copiesName } from './restore-options.js';
import { copyFor } from './restore-prove.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';
import { readCounters } from './writers.js';

interface Swap {
  target: Target;
  plan: RestorePlan;
  runId: string;
  url: string;
  session: { applicationName: string; signal: AbortSignal };
}

async function swapOf(
  home: Home,
  { target: name, runId, planHash }: StepInput,
  { signal }: Work,
): Promise<Swap> {
  const target = home.target(name);
  const plan = await readRestorePlan(target.config.state, planHash);
  const session = { applicationName: sessionName(name, 'swap', runId), signal };
  return { target, plan, runId, url: target.url(), session };
}

/**
 * Lets the copy that was proved take the name of the live database. When nobody can connect any more it is
 * looked once more whether anything was written that nobody has approved to lose; then nothing is swapped. Where it
 * was approved it is counted and written into files like the rest. Sequences of the copy go on from where those of
 * the live one are. Safe to repeat, and to be killed at any instant.
 *
 * @throws Problem `written-meanwhile`, `database-replaced`; those of `swapDatabases`, `restoreBeside`, `countLost`
 */
export async function swapIn(home: Home, input: StepInput, work: Work): Promise<Noted> {
  const swap = await swapOf(home, input, work);
  const { target, plan, url, session } = swap;
  const { keepAs } = plan;
  await finishSwap(url, session);
  const done = `as of ${sourceText(plan)}; the database of before is kept as ${keepAs}`;
  if ((await standing(swap)) === 'swapped') return { note: done };

  const restored =
    plan.source?.kind === 'kept'
      ? plan.source.name
      : ((await provedCopy(swap)) ?? (await copyFor(target, plan, swap.runId, work)).name);
  let late = '';
  const wouldLose = async (inside: Client): Promise<string[]> => {
    const last = await lastLook(swap, inside, restored, work);
    late = last.note;
    return last.lost;
  };
  const onProgress = work.progress;
  const came = await swapDatabases({ ...session, url, restored, keepAs, wouldLose, onProgress });
  if ('lost' in came)
    throw writtenMeanwhile(target.name, came.lost, plan.lost ? totalText(plan.lost) : undefined);
  return { note: done + late };
}

/** Nobody but us is connected any more. */
async function lastLook(swap: Swap, inside: Client, restored: string, work: Work) {
  const { target, plan, runId, url, session } = swap;
  const before = await readCounters(target.config.state, plan.counters);
  const written = [...movedSince(before, await writeCounters(inside)), ...(await changed(swap, inside))];
  if (written.length && !plan.untilClosed) return { lost: written, note: '' };
  const last = async (copy: Client): Promise<string> => {
    const counted = written.length
      ? await countLost(target, plan, { id: `${runId}-closed`, live: inside, copy }, work)
      : null;
    const moved = await moveSequences(copy, await lastValues(inside));
    return [
      ...(counted
        ? [`${totalText(counted.lost)} given up, in files as ${counted.lost.id} and in ${plan.keepAs}`]
        : []),
      ...(moved.length ? [`${count(moved.length, 'sequence')} moved on to where the live ones were`] : []),
    ]
      .map((words) => `; ${words}`)
      .join('');
  };
  const note =
    plan.source?.kind === 'kept'
      ? await withKept(url, restored, session, last)
      : await withClient(withDatabase(url, restored), session, last);
  return { lost: [], note };
}

/** What changes the schema alone is in no counter. */
async function changed({ target, plan }: Swap, inside: Client): Promise<string[]> {
  const { versionTable, standing } = plan;
  const { hash } = await fingerprint(inside, { versionTable, ignore: target.settings.ignore });
  return hash === standing.fingerprint ? [] : ['the schema was changed'];
}

/** By oid, which no rename changes: whether the database that the plan is about is still the live one. */
const standing = ({ url, plan, session }: Swap): Promise<'as before' | 'swapped'> =>
  onServer(url, session, async (server) => {
    const { database, keepAs } = plan;
    const { oid } = await databaseNamed(server, connectionOf(url).database);
    if (oid === database.oid) return 'as before';
    const kept = (await databases(server)).find(({ name }) => name === keepAs);
    if (kept?.oid === database.oid) return 'swapped';
    throw databaseReplaced(database.name, keepAs);
  });

/** Hashing the archive and counting again would take time while the site is closed: the mark says what was proved. */
const provedCopy = ({ url, target, plan, runId, session }: Swap): Promise<string | undefined> =>
  onServer(url, session, async (server) => {
    const run = copiesName('restore', target.name, runId);
    const copies = await copiesOfRun(server, plan.database.oid, run);
    const sha256 = plan.source?.kind === 'file' ? plan.source.sha256 : plan.backup?.sha256;
    return copies.find(({ marker }) => marker?.state === 'complete' && marker.sha256 === sha256)?.name;
  });

/**
 * The undo of the swap: the database of before takes its name back. What was written into the restored one
 * meanwhile is in there, and it is kept as well.
 *
 * @throws Problem `database-replaced`; those of `swapDatabases`
 */
export async function swapBack(home: Home, input: StepInput, work: Work): Promise<Undone> {
  const swap = await swapOf(home, input, work);
  const { plan, url, session } = swap;
  await finishSwap(url, session);
  if ((await standing(swap)) === 'as before') return { note: 'the database is the one of before' };
  const keepAs =
    plan.source?.kind === 'kept' ? plan.source.name : plan.keepAs.replace('_until_', '_restored_');
  await unswap({ ...session, url, kept: plan.keepAs, keepAs, onProgress: work.progress });
  return { note: `the database of before has its name again; the restored one is kept as ${keepAs}` };
}
