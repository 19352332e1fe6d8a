import type { Blocked, Holder, SessionToCancel, StallOptions } from './blocked.js';
import { whyNotAgain, type Approval, type GateRules } from './gate.js';
import { duration } from './units.js';

/** What a person may choose where others keep a migration from its lock. */
export const blockedChoices = ['wait', 'budget', 'cancel', 'window', 'give-up'] as const;
export type BlockedChoice = (typeof blockedChoices)[number];

export const isBlockedChoice = (choice: unknown): choice is BlockedChoice =>
  (blockedChoices as readonly unknown[]).includes(choice);

/** What a person sent. Everything may be missing. */
export interface BlockedMessage {
  by?: string;
  /** May be left out, as there is only one that migrates; another one is refused. */
  plan?: string;
  choice?: string;
  /** In all: what others have waited already counts. */
  budgetMs?: number;
  pids?: readonly number[];
  typed?: string;
}

/** Who may choose, and what there is to choose. */
export interface BlockedRules extends GateRules {
  planHash: string;
  /** Its `budgetMs` is what is approved so far; only who is named in it can be ended. */
  blocked: Pick<Blocked, 'reason' | 'holders' | 'budgetMs' | 'needMs' | 'undo'>;
  /** Why it cannot be put off until a window; null: it can. */
  noWindow: string | null;
}

export type Chosen =
  | { choice: 'wait' | 'give-up' }
  | { choice: 'budget'; budgetMs: number }
  | { choice: 'cancel'; sessions: readonly SessionToCancel[] }
  /** How long until the window, and in words when that is. */
  | { choice: 'window'; waitMs: number; note: string };

/** One person's word for a budget of exactly so many milliseconds. */
export interface BudgetApproval extends Approval {
  budgetMs: number;
}

/** `not yet`: nothing was blocked. `looking`: somebody has chosen the window, and it is asked when that is. */
export interface BlockedGate {
  phase: 'not yet' | 'open' | 'looking' | 'closed';
  /** A person stands for one number at a time, the last that they sent. */
  budgets: readonly BudgetApproval[];
  chosen?: Chosen;
}

export const neverBlocked: BlockedGate = { phase: 'not yet', budgets: [] };
export const blockedNow: BlockedGate = { phase: 'open', budgets: [] };

export const isAsking = ({ phase }: BlockedGate): boolean => phase === 'open' || phase === 'looking';

export type Chose = { gate: BlockedGate; answer: string } | { refused: string };

/** How many must send the same number: as many as must approve the plan, and somebody at any risk. */
export const peopleForBudget = ({ approvals }: Pick<GateRules, 'approvals'>): number =>
  Math.max(1, approvals);

/**
 * Takes one choice. Who may not choose, or chooses what there is not, is told why; the gate is then as before.
 *
 * @param at - when it came: ISO time, UTC
 */
export function choose(gate: BlockedGate, rules: BlockedRules, sent: BlockedMessage, at: string): Chose {
  const refused = whyNotNow(gate) ?? whyNotBy(rules, sent) ?? whyNotThis(rules, sent);
  if (refused !== null) return { refused };
  switch (sent.choice as BlockedChoice) {
    case 'budget':
      return withBudget(gate, rules, sent, at);
    case 'cancel':
      return ended(gate, { choice: 'cancel', sessions: named(rules.blocked, sent.pids) }, cancelText(sent));
    case 'window':
      return { gate: { ...gate, phase: 'looking' }, answer: 'looking when the next window opens' };
    case 'wait':
      return ended(gate, { choice: 'wait' }, 'trying again');
    case 'give-up':
      return ended(gate, { choice: 'give-up' }, givenUp(rules.blocked));
  }
}

const givenUp = ({ undo }: Pick<Blocked, 'undo'>): string =>
  undo ? 'giving up: somebody must say retry or stop then' : 'giving up: what was done is undone';

/** It was asked when the next window opens: put off until then. In vain where meanwhile the time was over. */
export const putOff = (gate: BlockedGate, waitMs: number, note: string): Chose =>
  gate.phase === 'looking'
    ? ended(gate, { choice: 'window', waitMs, note }, `put off: ${note}`)
    : { refused: TOO_LATE };

/** There is no such window: whoever chose it is told, and the others may choose again. */
export const notPutOff = (gate: BlockedGate): BlockedGate =>
  gate.phase === 'looking' ? { ...gate, phase: 'open' } : gate;

const TOO_LATE = 'too late: nobody is asked any more';

const ended = (gate: BlockedGate, chosen: Chosen, answer: string): Chose => ({
  gate: { ...gate, phase: 'closed', chosen },
  answer,
});

function withBudget(gate: BlockedGate, rules: BlockedRules, sent: BlockedMessage, at: string): Chose {
  const [by, budgetMs] = [sent.by!.trim(), sent.budgetMs!];
  const same = gate.budgets.filter((each) => each.budgetMs === budgetMs);
  const twice = whyNotAgain(same, rules, sent, at);
  if (twice !== null) return { refused: twice };
  const others = gate.budgets.filter((each) => each.by !== by || each.budgetMs === budgetMs);
  const next = { ...gate, budgets: [...others, { by, at, budgetMs }] };
  const missing = peopleForBudget(rules) - same.length - 1;
  if (missing > 0)
    return { gate: next, answer: `approved ${budgetMs} ms; ${missing} more must send exactly this number` };
  return ended(
    next,
    { choice: 'budget', budgetMs },
    `others may wait for ${duration(budgetMs)} in all; trying again`,
  );
}

const cancelText = ({ pids = [] }: BlockedMessage): string =>
  `ending pid ${pids.join(', ')}, and trying again`;

function whyNotNow({ phase, chosen }: BlockedGate): string | null {
  if (phase === 'open') return null;
  if (phase === 'not yet') return 'nothing waits for this: the migration is not blocked';
  if (phase === 'looking') return 'not now: somebody has chosen the window, and it is being looked at';
  return chosen ? `too late: already ${chosen.choice}` : TOO_LATE;
}

function whyNotBy({ approvers, planHash }: BlockedRules, { by, plan }: BlockedMessage): string | null {
  const name = by?.trim();
  if (!name) return 'say who you are: {"by":"you@example.com"}';
  if (approvers.length && !approvers.includes(name))
    return `${name} is not among those who may decide: ${approvers.join(', ')}`;
  if (plan && !planHash.startsWith(plan))
    return `${plan} is not the plan that migrates: it is ${planHash.slice(0, 12)}`;
  return null;
}

function whyNotThis(rules: BlockedRules, { choice, budgetMs, pids }: BlockedMessage): string | null {
  if (!isBlockedChoice(choice)) return `choose one of ${blockedChoices.join(', ')}: {"choice":"wait"}`;
  if (choice === 'window') return rules.noWindow;
  if (choice === 'budget') return whyNoBudget(rules, budgetMs);
  return choice === 'cancel' ? whyNotCancelled(rules, pids) : null;
}

function whyNoBudget({ blocked }: BlockedRules, budgetMs: number | undefined): string | null {
  const { budgetMs: approved } = blocked;
  const example = `{"choice":"budget","budgetMs":${budgetExample(blocked)}}`;
  if (budgetMs === undefined) return `say how many milliseconds others may wait in all: ${example}`;
  return budgetMs > approved ? null : `${approved} ms are approved already: name more than that`;
}

function whyNotCancelled({ blocked }: BlockedRules, pids: readonly number[] | undefined): string | null {
  if (blocked.reason === 'wraparound')
    return 'what prevents a wraparound must not be ended: wait for it, or give up';
  const all = endable(blocked);
  if (!pids?.length)
    return `say which sessions shall be ended: {"choice":"cancel","pids":[${all.join(',')}]}`;
  const strange = pids.filter((pid) => !all.includes(pid));
  if (!strange.length) return null;
  return `pid ${strange.join(', ')} is not among those that can be ended: ${all.join(', ') || 'there are none'}`;
}

/** Pids of sessions that may be ended. A prepared transaction has none, and without its start a pid may mean a later one. */
export const endable = ({ reason, holders }: Pick<Blocked, 'reason' | 'holders'>): number[] =>
  reason === 'wraparound' ? [] : holders.filter(mayBeEnded).map(({ pid }) => pid);

const mayBeEnded = ({ pid, backendStart, prepared }: Holder): boolean =>
  pid > 0 && backendStart !== '' && prepared === undefined;

const named = ({ holders }: Pick<Blocked, 'holders'>, pids: readonly number[] = []): SessionToCancel[] =>
  holders.filter(({ pid }) => pids.includes(pid)).map(({ pid, backendStart }) => ({ pid, backendStart }));

/** A number to propose: what one longer attempt would need, where that is known. */
export const budgetExample = ({ budgetMs, needMs = 0 }: Pick<Blocked, 'budgetMs' | 'needMs'>): number =>
  needMs > budgetMs ? Math.ceil(needMs / 100) * 100 : budgetMs * 2;

/** As short as one attempt at a lock: less could never get one that is free. */
const LEAST_MS = 100;

/** What the next attempt may do: what is left of the budget, and the sessions that are ended before it. */
export function stallOf(chosen: Chosen, budgetMs: number, stalledMs: number): StallOptions {
  const left = { budgetMs: Math.max(LEAST_MS, budgetMs - stalledMs) };
  return chosen.choice === 'cancel' ? { ...left, cancel: chosen.sessions } : left;
}
