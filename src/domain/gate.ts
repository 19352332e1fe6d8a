import type { Risk } from './risk.js';

/** Who may decide, and how many must. Computed from the risk and the target's settings. */
export interface GateRules {
  /** Different people that must approve. */
  approvals: number;
  requester: string;
  requesterMayApprove: boolean;
  /** Only these may decide; empty: anybody who says a name. */
  approvers: readonly string[];
  /**
   * A team of one: the same person may approve again after so many minutes, and types this name with it, so
   * that the second approval is a second thought.
   */
  alone?: { minutesApart: number; typed: string };
  /** Manual mode: a person chooses what is done, and an approval alone does not begin it. */
  manual: boolean;
}

export const choices = ['migrate', 'skip', 'end'] as const;
export type Choice = (typeof choices)[number];

/** What a person sent to the gate. Everything but the kind is a claim, and may be missing. */
export interface Decision {
  message: 'approve' | 'reject' | 'choose';
  by?: string;
  /** The plan's hash, or its first 8 characters or more. */
  plan?: string;
  choice?: Choice;
  typed?: string;
}

export interface Approval {
  by: string;
  /** ISO time, UTC. */
  at: string;
}

export type Verdict = 'approved' | 'rejected' | 'skip' | 'end';

/** `not yet`: the plan is not final. `closed`: decided, expired, or the run has ended. */
export interface Gate {
  phase: 'not yet' | 'open' | 'closed';
  planHash: string;
  approvals: readonly Approval[];
  chosen: boolean;
  verdict?: Verdict;
}

export const newGate: Gate = { phase: 'not yet', planHash: '', approvals: [], chosen: false };

/** The plan is final: from now on people may decide about it. */
export const opened = (gate: Gate, planHash: string): Gate =>
  gate.phase === 'not yet' ? { ...gate, phase: 'open', planHash } : gate;

/** Nobody may decide any more. */
export const closed = (gate: Gate): Gate => ({ ...gate, phase: 'closed' });

export type Decided = { gate: Gate; answer: string } | { refused: string };

/**
 * Takes one decision. Whoever may not decide, decides about another plan, twice or too late is told why; the
 * gate is then as before.
 *
 * @param at - when it came: ISO time, UTC
 */
export function decide(gate: Gate, rules: GateRules, decision: Decision, at: string): Decided {
  const refused = whyRefused(gate, rules, decision);
  if (refused !== null) return { refused };
  const by = decision.by!.trim();
  if (decision.message === 'reject') return end(gate, 'rejected', `${by} rejected the plan`);
  if (decision.choice === 'skip') return end(gate, 'skip', 'the migration is skipped');
  if (decision.choice === 'end') return end(gate, 'end', 'the run ends here');
  const twice = whyNotAgain(gate.approvals, rules, decision, at);
  if (twice !== null) return { refused: twice };
  return approve(gate, rules, decision, { by, at });
}

function approve(gate: Gate, rules: GateRules, { message }: Decision, approval: Approval): Decided {
  const chosen = gate.chosen || message === 'choose';
  const approvals = [...gate.approvals, approval];
  const next = { ...gate, approvals, chosen };
  const missing = rules.approvals - approvals.length;
  if (missing > 0) return { gate: next, answer: `approved; ${missing} more needed` };
  if (rules.manual && !chosen)
    return { gate: next, answer: 'approved; a person must choose migrate, skip or end' };
  return end(next, 'approved', 'approved; it goes on');
}

const end = (gate: Gate, verdict: Verdict, answer: string): Decided => ({
  gate: { ...gate, phase: 'closed', verdict },
  answer,
});

/** Why nobody of that name may decide this now; null when nothing speaks against it. */
function whyRefused(gate: Gate, rules: GateRules, { by, plan, message, choice }: Decision): string | null {
  if (gate.phase === 'not yet') return 'not yet: the plan is not final before it was rehearsed';
  if (gate.phase === 'closed')
    return gate.verdict ? `too late: already ${gate.verdict}` : 'too late: nobody is asked any more';
  const name = by?.trim();
  if (!name) return 'say who you are: {"by":"you@example.com"}';
  if (rules.approvers.length && !rules.approvers.includes(name))
    return `${name} is not among those who may decide: ${rules.approvers.join(', ')}`;
  const wrong = whyWrongPlan(plan, gate.planHash);
  if (wrong) return wrong;
  if (message === 'choose' && !rules.manual) return 'nothing is to be chosen: approve or reject';
  if (message === 'choose' && !choice) return `choose one of ${choices.join(', ')}: {"choice":"migrate"}`;
  return null;
}

/** At least this much of the hash must be given, so that nobody approves by accident. */
export const PLAN_CHARACTERS = 8;

function whyWrongPlan(plan: string | undefined, planHash: string): string | null {
  const short = planHash.slice(0, 12);
  if (!plan) return `say which plan you mean: {"plan":"${short}"}`;
  if (plan.length < PLAN_CHARACTERS)
    return `give at least ${PLAN_CHARACTERS} characters of the plan: ${short}`;
  return planHash.startsWith(plan) ? null : `${plan} is not the plan that waits: it is ${short}`;
}

/**
 * An approval counts once a person, and a requester's not at all where that is forbidden.
 *
 * @param approvals - those of the same thing so far
 * @returns why this one does not count; null when it does
 */
export function whyNotAgain(
  approvals: readonly Approval[],
  rules: GateRules,
  { by, typed }: Pick<Decision, 'by' | 'typed'>,
  at: string,
): string | null {
  const name = by!.trim();
  const alone = rules.alone;
  if (name === rules.requester && !rules.requesterMayApprove && !alone)
    return `${name} asked for this change, and may not approve it`;
  const before = approvals.findLast((approval) => approval.by === name);
  if (!before) return null;
  if (!alone) return `${name} has approved already`;
  const minutes = (Date.parse(at) - Date.parse(before.at)) / 60_000;
  if (minutes < alone.minutesApart)
    return `${name} approved ${Math.floor(minutes)} minutes ago: the second approval takes ${alone.minutesApart}`;
  return typed === alone.typed
    ? null
    : `type the name of the target with the second approval: {"typed":"${alone.typed}"}`;
}

/** How many people a risk calls for. */
export const approvalsFor = (risk: Risk): number => ({ low: 0, medium: 1, high: 1, 'very-high': 2 })[risk];
