import { holdersText } from '../domain/blocked-text.js';
import { byHand } from '../domain/by-hand.js';
import { asksAboutFound, linesOf, stateWord, type Line } from '../domain/page.js';
import type { PlanSummary } from '../domain/plan.js';
import { askedOf, blockedOf } from '../domain/asked.js';
import {
  lastOf,
  failureOf,
  fromText,
  planOf,
  wayOf,
  type Fact,
  type Failure,
  type RunKind,
  type RunRecord,
} from '../domain/record.js';
import { stateOf, stateText } from '../domain/state.js';
import { duration, minuteOf } from '../domain/units.js';
import { blockedText } from './blocked.js';
import { restoreText } from './restore.js';
import { rollbackText } from './rollback.js';

const NAME_WIDTH = 22;
const MS_WIDTH = 11;

/** One line of the runbook as a terminal shows it: what became of it, its name, how long, what came of it. */
export function lineText({ name, state, ms, note }: Line): string {
  const time = ms === undefined ? '' : duration(ms);
  const head = `  ${state.padEnd(8)}${name.padEnd(NAME_WIDTH)}${time.padStart(MS_WIDTH)}`;
  return note ? `${head}   ${oneLine(note)}` : head.trimEnd();
}

/** The first lines of a run: what it is about. */
export function headText(record: RunRecord): string {
  const plan = planOf(record);
  const requested = record.facts.find((fact) => fact.kind === 'requested');
  const by =
    requested?.kind === 'requested' ? `, asked for by ${requested.by} at ${clock(requested.at)}` : '';
  return [
    `${record.workflowId}  ${record.kind} (${stateWord(record)})${by}`,
    ...(plan ? [planText(plan, record.kind)] : []),
  ].join('\n');
}

/** What a run is about in one line. */
export function planText(plan: PlanSummary, kind: RunKind): string {
  const way = wayOf(plan, kind);
  const revisions = plan.revisions || kind === 'restore' ? way.revisions : `stays at ${fromText(plan)}`;
  return `release ${way.release}   revisions ${revisions}   risk ${plan.risk}   plan ${plan.planHash.slice(0, 12)}`;
}

/** The whole run as text: for `status` while it runs, for `report` afterwards. At most 100 columns but for notes. */
export function runText(record: RunRecord): string {
  return [
    headText(record),
    ...orderText(record),
    '',
    ...linesOf(record).map(lineText),
    '',
    stateText(stateOf(record)),
    ...afterText(record),
  ].join('\n');
}

/** Of a rollback: what moves in which order, and what each of it loses. */
export function orderText(record: RunRecord): string[] {
  const plan = planOf(record);
  return record.kind === 'rollback' && plan?.back ? ['', rollbackText(plan.rollback)] : [];
}

/** What went wrong, what people said, and what to do now: the last lines of every report. */
export function afterText(record: RunRecord): string[] {
  const failure = failureOf(record);
  return [
    ...turnedAroundText(record),
    ...record.facts.flatMap(decisionText),
    ...(failure && record.outcome !== 'done' ? ['', failureText(failure, { first: stepsLeft(record) })] : []),
    ...nextText(record),
  ];
}

/** Where an undo failed too, its failure is told in full below; what it was to undo must not be lost over it. */
function turnedAroundText({ facts }: RunRecord): string[] {
  if (!facts.some(({ kind }) => kind === 'undo failed')) return [];
  return facts.flatMap((fact) => {
    if (fact.kind !== 'failed') return [];
    const { what, why } = fact.failure;
    return [`It was to be undone because ${fact.step} failed: ${what}${why ? `: ${oneLine(why)}` : ''}`];
  });
}

/** A failure as an operator reads it: what, why, how things stand where nothing else tells it, what to do. */
export const failureText = (
  { code, what, why, next }: Failure,
  { state, first = [] }: { state?: string; first?: readonly string[] } = {},
): string =>
  [
    `error: ${what}`,
    ...(why ? [`  why    ${why.split('\n').join('\n         ')}`] : []),
    ...(state ? [`  state  ${state}`] : []),
    ...[...first, ...next].map((step, index) => `  ${index === 0 ? 'next' : '    '}   ${index + 1}. ${step}`),
    `  code   ${code}`,
  ].join('\n');

function stepsLeft(record: RunRecord): string[] {
  const failed = lastOf(record, 'undo failed');
  const waits = record.outcome === 'repair' || record.outcome === 'needs operator';
  if (!waits || !failed) return [];
  return [
    `left to undo: ${failed.left.join(', then ')}; by hand:`,
    ...failed.left.map((undo) => byHand(undo, record)),
  ];
}

function decisionText(fact: Fact): string[] {
  if (fact.kind === 'said')
    return [
      `${clock(fact.at)}  ${fact.by} said ${fact.message} (${fact.via})${fact.note ? `: ${fact.note}` : ''}`,
    ];
  if (fact.kind === 'refused')
    return [`${clock(fact.at)}  ${fact.message} of ${fact.by} was refused: ${fact.why}`];
  if (fact.kind === 'sender')
    return [
      `          (${fact.message} of ${fact.by || 'nobody named'}: sent by ${fact.identity || 'a client that gave no name, such as the Web UI'})`,
    ];
  if (fact.kind === 'found') return [`${clock(fact.at)}  found: ${fact.what}`];
  if (fact.kind === 'site') return [`${clock(fact.at)}  the site is ${fact.is}: ${oneLine(fact.note)}`];
  if (fact.kind === 'overdue') return [`${clock(fact.at)}  ALARM: the site is ${fact.says}`];
  if (fact.kind === 'not told') return [`${clock(fact.at)}  ${fact.event}: ${oneLine(fact.why)}`];
  if (fact.kind === 'reminded') return [`${clock(fact.at)}  people were reminded`];
  if (fact.kind === 'tidied') return [`${clock(fact.at)}  tidied up: ${fact.note}`];
  if (fact.kind === 'blocked') return [`${clock(fact.at)}  blocked: ${holdersText(fact.blocked)}`];
  if (fact.kind === 'put off') return [`${clock(fact.at)}  put off: ${fact.note}`];
  if (fact.kind === 'tried again') return [`${clock(fact.at)}  the migration was tried again: ${fact.note}`];
  if (fact.kind === 'settled') return [`${clock(fact.at)}  an answer was lost; ${fact.note} (${fact.found})`];
  return [];
}

function nextText(record: RunRecord): string[] {
  const { outcome } = record;
  const blocked = blockedOf(record);
  if (blocked) return blockedText(record, blocked);
  if (outcome === 'waiting') return gateText(record);
  if (outcome === 'repair') return ['', repairText(record)];
  if (outcome === 'partly undone')
    return ['', 'What is left was left on purpose: taking it back would have lost what was written since.'];
  return [];
}

const repairText = (record: RunRecord): string => {
  const [first, last] = asksAboutFound(record)
    ? ['go on, and open the site at the end', 'leave all as it is']
    : ['put it right, then', 'end the run'];
  const { target } = record;
  return `Next: ${first}:  lockkeeper retry ${target}   or ${last}:  lockkeeper stop ${target} --note "…"`;
};

/** What is asked of people, and how they answer. */
function gateText(record: RunRecord): string[] {
  const asked = askedOf(record);
  if (!asked) return [];
  const { target } = record;
  const plan = planOf(record);
  const until = minuteOf(asked.until);
  const hash = asked.planHash.slice(0, 12);
  const who = asked.approvals > 1 ? `${asked.approvals} different people` : 'a person';
  return [
    ...(plan && record.kind === 'restore' ? ['', restoreText(plan)] : []),
    '',
    ...(planOf(record)?.gate.notAutomatic ?? []).map((reason) => `Not automatic: ${reason}`),
    asked.manual ? `A person must choose until ${until} UTC:` : `Waits for ${who} until ${until} UTC:`,
    `  lockkeeper approve ${target}               shows the plan and asks`,
    `  lockkeeper approve ${target} --plan ${hash}${asked.manual ? ' --choice migrate|skip|end' : ''}`,
    `  lockkeeper reject ${target} --plan ${hash} --note "…"`,
  ];
}

const clock = (at: string): string => `${at.slice(11, 19)} UTC`;
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' · ');
