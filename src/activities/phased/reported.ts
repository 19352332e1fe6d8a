import { readFile } from 'node:fs/promises';
import { lockModes, type Plan } from '../../domain/plan.js';
import { planOf, type RunRecord } from '../../domain/record.js';
import type { ReportedLock, ReportedRun, SentStatement } from '../../domain/phases/reported.js';
import type { Target } from '../home.js';
import { readPlan } from '../plans.js';
import { recordsOf } from '../records.js';
import { stepLogPath } from '../step-log.js';

/** Steps that send a revision's statements. */
const STEPS = ['migrate', 'put the schema back'];
/** The page is for people: of a long migration the first ones do. */
const MOST = 40;

/**
 * The runs of a change as the state folder knows them, in the order in which they ran. What is not there any more, such as a
 * plan or a log, is left out: the record alone is enough.
 */
export async function reportedRuns(target: Target, runs: readonly string[]): Promise<ReportedRun[]> {
  const records = await recordsOf(target.config.state, target.name);
  const kept = runs.flatMap((runId) => records.find((record) => record.runId === runId) ?? []);
  return Promise.all(kept.map((record) => reported(target, record)));
}

async function reported(target: Target, record: RunRecord): Promise<ReportedRun> {
  const hash = planOf(record)?.planHash;
  const plan = hash ? await readPlan(target.config.state, hash).catch(() => null) : null;
  const sent = await statementsOf(target, record.runId, plan?.versionTable.name ?? 'alembic_version');
  return {
    record,
    locks: plan ? locksIn(plan) : [],
    statements: sent.slice(0, MOST),
    sent: sent.length,
  };
}

/** The strongest on each relation; a relation that the rehearsal names with its schema is the same one. */
function locksIn({ findings, heldThrough = [], rehearsal }: Plan): ReportedLock[] {
  const byName = new Map<string, ReportedLock>();
  const take = (lock: ReportedLock): void => {
    const key = lock.name.replace(/^public\./, '');
    const known = byName.get(key);
    const isStronger = !known || lockModes.indexOf(lock.lock) > lockModes.indexOf(known.lock);
    const measured = lock.measured || (known?.measured ?? false);
    byName.set(key, { ...(isStronger ? lock : known), name: key, measured });
  };
  for (const { name, lock, blocks } of [...findings.flatMap(({ relations }) => relations), ...heldThrough])
    take({ name, lock, blocks, measured: false });
  for (const { name, lock } of rehearsal?.locks ?? []) take({ name, lock, measured: true });
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function statementsOf(target: Target, runId: string, versionTable: string): Promise<SentStatement[]> {
  const texts = await Promise.all(
    STEPS.map((step) => readFile(stepLogPath(target, runId, step), 'utf8').catch(() => '')),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => statementIn(line) ?? [])
    .filter(({ sql }) => !sql.includes(versionTable) && sql !== 'SELECT 1'); // Alembic's own, and what only ends a transaction
}

/** @returns undefined where a line tells of something else, or was cut off */
function statementIn(line: string): SentStatement | undefined {
  if (!line.includes('"event":"statement"')) return undefined;
  try {
    const { revision, sql, ms, rows } = JSON.parse(line) as {
      revision: string | null;
      sql: string;
      ms: number;
      rows: number | null;
    };
    return { revision: revision ?? '', sql, ms, rows: rows !== null && rows >= 0 ? rows : null };
  } catch {
    return undefined;
  }
}
