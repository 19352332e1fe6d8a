import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFlag } from '../adapters/closure/flag.js';
import { isHandRunId } from '../domain/closure.js';
import { factsFrom, lastWords, type JournalEntry, type Stood } from '../domain/journal.js';
import { planOf, type RunKind, type RunRecord } from '../domain/record.js';
import { closureIfAny } from './closed-where.js';
import type { Target } from './home.js';
import { readJournal } from './journal.js';
import { recordsOf } from './records.js';

/** What moves a target: whatever else runs leaves nothing to do by hand. */
const MOVES: readonly (RunKind | null)[] = ['deploy', 'rollback', 'restore', 'fix', null];

/** One run as the state folder knows it. */
interface Known {
  runId: string;
  began: string;
  journal: JournalEntry[];
  record: RunRecord | undefined;
}

/**
 * How far the run came that a person must know of: the one that has closed the site, else the last one that moves
 * the target. Needs the state folder alone.
 *
 * @returns null where no run is known
 */
export async function stoodOf(target: Target): Promise<Stood | null> {
  const all = (await knownRuns(target)).map((known) => stood(target.name, known));
  const moving = all.filter(({ kind }) => MOVES.includes(kind));
  const closer = await closerOf(target);
  const settled = moving.findIndex(({ kind, ended, facts }) => kind === 'fix' && ended && isWhole(facts));
  // Of those that settle others only one that has come to its end says how things stand.
  const telling = moving.filter(({ kind }, index) => kind !== 'fix' || index === settled);
  return telling.find(({ runId }) => runId === closer) ?? telling[0] ?? null;
}

const isWhole = (facts: Stood['facts']): boolean => !facts.some(({ kind }) => kind === 'failed');

/** The runs of a target, the newest first. */
async function knownRuns({ name, config: { state } }: Target): Promise<Known[]> {
  const records = new Map((await recordsOf(state, name)).map((record) => [record.runId, record]));
  const logged = (await readdir(join(state, 'logs')).catch(() => [])).filter((id) => !isHandRunId(id));
  const known = await Promise.all(
    [...new Set([...records.keys(), ...logged])].map(async (runId) => {
      const journal = await readJournal(state, runId);
      const record = records.get(runId);
      const isOurs = record !== undefined || journal[0]?.target === name;
      const began = record?.facts[0]?.at ?? journal[0]?.at ?? '';
      return isOurs ? [{ runId, began, journal, record }] : [];
    }),
  );
  return known.flat().sort((a, b) => b.began.localeCompare(a.began));
}

function stood(target: string, { runId, journal, record }: Known): Stood {
  const backup = journal.findLast((each) => each.backup !== undefined)?.backup ?? null;
  const planHash = journal.findLast((each) => each.planHash !== undefined)?.planHash ?? null;
  const known = { target, runId, backup };
  if (record)
    return {
      ...known,
      kind: record.kind,
      facts: record.facts,
      planHash: planOf(record)?.planHash ?? planHash,
      ended: true,
      says: `it has ended: ${record.outcome}`,
    };
  return {
    ...known,
    kind: journal.find(({ doing }) => doing !== undefined)?.doing?.run ?? null,
    facts: factsFrom(journal),
    planHash,
    ended: false,
    says: lastWords(journal),
  };
}

/** The run that has closed the site, when that is closed by one. */
async function closerOf(target: Target): Promise<string | null> {
  const settings = await closureIfAny(target);
  const flag = settings && (await readFlag(settings.flag));
  return flag?.is === 'closure' && flag.closure.kind === 'run' && flag.closure.target === target.name
    ? flag.closure.runId
    : null;
}
