import { nextOf, type NextAction } from './next-actions.js';
import { asksAboutFound, linesOf, siteWord, stateWord } from './page.js';
import { approvalsSince, askedOf, blockedOf, budgetsSince } from './asked.js';
import { failureOf, lastOf, planOf, type RunRecord } from './record.js';
import type { Blocked } from './blocked.js';
import { holdersText } from './blocked-text.js';
import { stateOf, stateText, type State } from './state.js';
import { minuteOf } from './units.js';

/** What a run waits for people to do. */
export type WaitsFor =
  | {
      what: 'decision';
      planHash: string;
      /** How many must approve, and who has so far. */
      approvals: number;
      approved: readonly string[];
      /** Manual mode: a person chooses. */
      manual: boolean;
      /** ISO time, UTC: then it ends as expired. */
      until: string;
    }
  /** Others hold a lock that the migration needs. */
  | {
      what: 'blocked';
      blocked: Blocked;
      /** How many must send the same larger budget, and who has sent which so far. */
      people: number;
      budgets: readonly { by: string; budgetMs: number }[];
      /** Why it cannot be put off until a window; null: it can. */
      noWindow: string | null;
      /** ISO time, UTC: then it gives up; null: the site is closed, and it waits. */
      until: string | null;
    }
  /** An undo failed. */
  | { what: 'repair'; undo: string; left: readonly string[] }
  /** An earlier run left something behind. */
  | { what: 'found'; found: string };

/** How a run stands, small: its record has the rest. Times are ISO 8601, UTC. */
export interface RunStatus {
  /** All of it in a sentence. */
  says: string;
  target: string;
  kind: RunRecord['kind'];
  workflowId: string;
  runId: string;
  outcome: RunRecord['outcome'];
  state: string;
  /** What it does now, or did last, and since when; null before the first line. */
  step: string | null;
  since: string;
  plan: { planHash: string; release: string; risk: string } | null;
  waitsFor: WaitsFor | null;
  /** Why it turned around. */
  failure: { code: string; what: string } | null;
  stands: State;
  /** What the alarm says of a site that is closed for longer than planned. */
  alarm: string | null;
  next: readonly NextAction[];
}

/** @param taskQueue - of the worker, for commands that start something */
export function statusOf(record: RunRecord, taskQueue: string): RunStatus {
  const { target, kind, workflowId, runId, outcome } = record;
  const last = linesOf(record).findLast(({ state }) => state !== 'to do');
  const plan = planOf(record);
  const failure = outcome === 'done' ? undefined : failureOf(record);
  const waitsFor = waitsForOf(record);
  const state = stateWord(record);
  return {
    says: `${kind} of ${target}: ${state}${waitsFor ? `, ${waitsText(waitsFor)}` : ''}. ${stateText(stateOf(record))}`,
    ...{ target, kind, workflowId, runId, outcome, state },
    step: last?.name ?? null,
    since: sinceOf(record, last),
    plan: plan ? { planHash: plan.planHash, release: plan.release, risk: plan.risk } : null,
    waitsFor,
    failure: failure ? { code: failure.code, what: failure.what } : null,
    stands: stateOf(record),
    alarm: alarmOf(record),
    next: nextOf(record, waitsFor, taskQueue),
  };
}

/** While a line goes on: when it began; else when the last thing happened. */
const sinceOf = ({ facts }: RunRecord, last: ReturnType<typeof linesOf>[number] | undefined): string =>
  (last?.state === 'now' ? last.at : undefined) ?? facts.at(-1)?.at ?? '';

function alarmOf(record: RunRecord): string | null {
  return siteWord(record) === 'overdue' ? (lastOf(record, 'overdue')?.says ?? null) : null;
}

function waitsForOf(record: RunRecord): WaitsFor | null {
  if (record.outcome === 'repair' && asksAboutFound(record)) {
    const found = lastOf(record, 'found');
    return found ? { what: 'found', found: found.what } : null;
  }
  if (record.outcome === 'repair') {
    const failed = lastOf(record, 'undo failed');
    return failed ? { what: 'repair', undo: failed.undo, left: failed.left } : null;
  }
  const blocked = blockedOf(record);
  if (blocked) {
    const { people, noWindow, until } = blocked;
    const budgets = budgetsSince(record, blocked).map(({ by, budgetMs = 0 }) => ({ by, budgetMs }));
    return { what: 'blocked', blocked: blocked.blocked, people, budgets, noWindow, until };
  }
  const asked = askedOf(record);
  if (record.outcome !== 'waiting' || !asked) return null;
  const { planHash, approvals, manual, until } = asked;
  const approved = approvalsSince(record, asked).map(({ by }) => by);
  return { what: 'decision', planHash, approvals, approved, manual, until };
}

function waitsText(waits: WaitsFor): string {
  if (waits.what === 'repair') return `${waits.undo} failed and a person must put it right`;
  if (waits.what === 'found') return `an earlier run left something: ${waits.found}`;
  if (waits.what === 'blocked')
    return `${holdersText(waits.blocked)}${waits.until ? `, until ${minuteOf(waits.until)} UTC` : ''}`;
  const { approvals, approved, manual, until } = waits;
  const who = manual ? 'a person chooses' : `${approved.length} of ${approvals} approvals`;
  return `${who}, until ${minuteOf(until)} UTC`;
}
