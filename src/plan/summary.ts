import { cellsTexts } from '../domain/cells.js';
import { conclusionText } from '../domain/conclusion.js';
import type { GateSettings } from '../domain/gate-settings.js';
import { allKept, keepsakeText, type PlannedKeepsake } from '../domain/keepsake.js';
import type { Finding, Plan, PlanSummary } from '../domain/plan.js';
import { heldText } from '../domain/phases/held.js';
import { risks } from '../domain/risk.js';

export const SENTENCES = 20;
/** With 3 bytes a character at most, 20 sentences and twice 20 names stay far below 32 KB. */
export const SENTENCE_CHARS = 240;
export const NAME_CHARS = 80;
const NAMES = 20;

/** What travels through Temporal in place of the plan: at most 32 KB as JSON, whatever the plan's size. */
export const summarise = (plan: Plan): PlanSummary => ({
  planHash: plan.planHash,
  target: short(plan.target, NAME_CHARS),
  release: short(plan.release, NAME_CHARS),
  running: plan.running === null ? null : short(plan.running, NAME_CHARS),
  from: names(plan.from),
  to: names(plan.to),
  revisions: plan.revisions.length,
  risk: plan.risk,
  procedure: plan.procedure,
  coverage: plan.coverage,
  gate: shortGate(plan.gate),
  rehearsed: plan.rehearsal && short(conclusionText(plan.rehearsal), 1_000),
  ...(plan.rehearsal?.cells
    ? { releases: cellsTexts(plan.rehearsal.cells).map((line) => short(line, SENTENCE_CHARS)) }
    : {}),
  findings: gravest(plan.findings).map(sentence),
  rollback: plan.rollback.slice(0, 10).map((line) => short(line, SENTENCE_CHARS)),
  fingerprint: short(plan.standing.fingerprint, NAME_CHARS),
  ...(plan.keepsakes?.length ? { keepsakes: shortKeepsakes(plan.keepsakes) } : {}),
  ...(plan.stallBudgetMs === undefined ? {} : { stallBudgetMs: plan.stallBudgetMs }),
  ...(plan.upTo ? { upTo: `${plan.upTo.phase} of ${plan.upTo.change}` } : {}),
  ...(plan.heldBack?.length
    ? { heldBack: plan.heldBack.slice(0, 10).map((each) => short(heldText(each), NAME_CHARS)) }
    : {}),
  ...(plan.back
    ? { back: plan.back.map((each) => ({ ...each, release: short(each.release, NAME_CHARS) })) }
    : {}),
});

const shortKeepsakes = (all: readonly PlannedKeepsake[]): NonNullable<PlanSummary['keepsakes']> => ({
  all: allKept(all),
  says: all.slice(0, 10).map((each) => short(keepsakeText(each), SENTENCE_CHARS)),
});

/** What one person reads of the reasons why they are asked. */
const REASONS = 5;
const shortGate = ({ notAutomatic, ...gate }: GateSettings): GateSettings => ({
  ...gate,
  ...(notAutomatic
    ? { notAutomatic: notAutomatic.slice(0, REASONS).map((line) => short(line, SENTENCE_CHARS)) }
    : {}),
});

/** What is allowed counts by the risk that it has without that: who approves must see it. */
const gravest = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => gravityOf(b) - gravityOf(a)).slice(0, SENTENCES);

const gravityOf = ({ risk, allowed }: Finding): number => risks.indexOf(allowed?.risk ?? risk);

function sentence({ revision, risk, message, rule, allowed }: Finding): string {
  const told = revision === undefined ? message : `${revision}: ${message}`;
  const why = allowed ? `, allowed, ${allowed.risk} without that: ${short(allowed.reason, 80)}` : '';
  return `${short(told, SENTENCE_CHARS - rule.length - why.length)} (${risk}, ${rule}${why})`;
}

export function names(all: readonly string[]): string[] {
  const shown = all.slice(0, NAMES).map((name) => short(name, NAME_CHARS));
  return all.length > NAMES ? [...shown, `and ${all.length - NAMES} more`] : shown;
}

/** On one line, without control characters (JSON writes each with 6 bytes), cut at `chars`. */
export function short(text: string, chars: number): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length <= chars ? line : `${line.slice(0, chars - 1).replace(/\p{Surrogate}$/u, '')}…`;
}
