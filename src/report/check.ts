import { keepsakeText } from '../domain/keepsake.js';
import type { Finding, Plan, PlannedRevision } from '../domain/plan.js';
import { gravestFirst } from '../domain/risk.js';
import { heldText } from '../domain/phases/held.js';
import { count, few } from '../domain/units.js';
import type { Offline } from '../domain/verdict.js';
import { amounts, findingText, groupsText, SCREEN, WIDTH } from './finding.js';
import { offlineEnd, offlineHead } from './offline.js';
import { applies } from './procedure.js';
import { runLines } from './run-lines.js';
import { sqlLine, wrapped } from './sql-line.js';

const INDENT = '       ';
/** More than these nobody reads in a terminal; `--json` has them all. */
const FINDINGS_SHOWN = 30;
const REVISIONS_SHOWN = 30;
const KEEPSAKES_SHOWN = 5;

/**
 * What a check found, on one screen where that can be: each finding where there is room, else a few lines for each
 * rule; ends with what applies and what to type next.
 *
 * @param offline - what was assumed, where the database was not asked
 */
export function checkText(plan: Plan, offline?: Offline): string {
  const again = offline ? '--format json' : `lockkeeper check ${plan.target} --json`;
  const parts = planParts(plan, again);
  const whole = offline
    ? [offlineHead(plan, offline), ...parts.slice(1, -1), offlineEnd(plan, offline)].join('\n\n')
    : [...parts, next(plan)].join('\n\n');
  if (whole.split('\n').length <= SCREEN || plan.findings.length === 0) return whole;
  const tail = [
    verdict(plan),
    ...(offline ? [] : [rollback(plan, 3)]),
    `Each finding: ${again}. A rule in full: lockkeeper check --explain RULE`,
    offline ? offlineEnd(plan, offline) : next(plan),
  ];
  const room = SCREEN - tail.join('\n\n').split('\n').length - 4;
  const title = offline ? offlineHead(plan, offline) : head(plan);
  return [title, groupsText(plan.findings, room, placeOf).join('\n'), ...tail].join('\n\n');
}

const placeOf = ({ revision, file }: Finding): string => revision ?? file;

/**
 * A plan in parts: its head, its revisions with their findings, what applies; the last is how it is undone.
 *
 * @param all - the command that shows what is left out here
 */
export function planParts(plan: Plan, all = `lockkeeper check ${plan.target} --json`): string[] {
  const shown = gravest(plan.findings);
  const revisions = plan.revisions
    .filter(({ revision }) => shown.some((finding) => finding.revision === revision) || isShort(plan))
    .map((revision) => revisionText(revision, shown));
  return [
    head(plan),
    ...revisions,
    ...left(plan, shown.length, revisions.length, all),
    verdict(plan),
    rollback(plan),
  ];
}

const isShort = ({ revisions }: Plan): boolean => revisions.length <= REVISIONS_SHOWN;

/** The gravest, in the order in which they would run. */
function gravest(findings: readonly Finding[]): Finding[] {
  const shown = gravestFirst(findings).slice(0, FINDINGS_SHOWN);
  return findings.filter((finding) => shown.includes(finding));
}

function head({ target, running, release, revisions, coverage, planHash, heldBack = [] }: Plan): string {
  const releases = running === null || running === release ? release : `${running} → ${release}`;
  const amount = `${count(revisions.length, 'revision')}, ${count(coverage.total, 'statement')}`;
  const held = few(heldBack.map(heldText), 4).join(', ');
  return [
    `${target}  ${releases}   ${amount}   plan ${planHash.slice(0, 12)}`,
    ...(held ? [`held back for their phases: ${held}`] : []),
  ].join('\n');
}

function revisionText({ revision, doc, file, risk }: PlannedRevision, shown: readonly Finding[]): string {
  const findings = shown.filter((finding) => finding.revision === revision);
  const title = `${revision}  ${sqlLine(doc, WIDTH - 6 - revision.length - Math.min(file.length, 50))}`;
  const place = file.length > 50 ? `…${file.slice(-49)}` : file;
  const first = `  ${title}${place.padStart(WIDTH - 2 - title.length)}`;
  const rest =
    findings.length > 0
      ? findings.map((finding) => findingText(finding))
      : [`${INDENT}nothing to warn of`.padEnd(WIDTH - risk.length) + risk];
  return [first, ...rest].join('\n');
}

/** What was left out, so that nobody takes a part for all. */
function left({ findings, revisions }: Plan, shown: number, listed: number, all: string): string[] {
  const parts = [
    ...(findings.length > shown ? [count(findings.length - shown, 'finding')] : []),
    ...(revisions.length > listed ? [count(revisions.length - listed, 'revision')] : []),
  ];
  return parts.length > 0 ? [`Not shown: ${parts.join(' and ')}, none of them graver. All: ${all}`] : [];
}

function verdict(plan: Plan): string {
  const { coverage, findings, procedure, revisions, gate } = plan;
  if (revisions.length === 0) return `No migration is pending. ${applies(procedure)}`;
  const { analysed, total } = coverage;
  return [
    `${analysed} of ${count(total, 'statement')} analysed, ${amounts(findings)}.`,
    gate.notAutomatic ? manual(gate.notAutomatic) : applies(procedure),
    ...runLines(plan).map((line) => wrapped(line, WIDTH - 2, '  ')),
    ...keepsakeLines(plan).map((line) => wrapped(line, WIDTH - 2, '  ')),
  ].join('\n');
}

/** How what goes is kept, so that a rollback can bring it back. */
function keepsakeLines({ keepsakes = [] }: Plan): string[] {
  const shown = keepsakes.slice(0, KEEPSAKES_SHOWN).map((each) => `Keepsake of ${keepsakeText(each)}.`);
  const more = keepsakes.length - shown.length;
  return more > 0 ? [...shown, `And ${count(more, 'keepsake')} more.`] : shown;
}

/** A low risk that does not run by itself. */
const manual = (reasons: readonly string[]): string =>
  [
    'The low-risk procedure applies: online, and one person approves. Not automatic:',
    ...reasons.slice(0, 10).map((reason) => `  ${wrapped(reason, WIDTH - 2, '    ')}`),
    ...(reasons.length > 10 ? [`  and ${reasons.length - 10} more`] : []),
  ].join('\n');

const rollback = ({ rollback: lines }: Plan, most = 10): string =>
  [
    'To undo it:',
    ...lines.slice(0, most).map((line) => `  ${wrapped(line, WIDTH - 2, '    ')}`),
    ...(lines.length > most ? [`  and ${lines.length - most} more`] : []),
  ].join('\n');

function next({ target, procedure, gate }: Plan): string {
  const waits = gate.approvals > 0 && procedure !== 'deploy-only';
  const people = gate.approvals > 1 ? `${gate.approvals} people approve it` : 'a person approves it';
  return `Nothing was changed. Next:\n  lockkeeper deploy ${target} --auto-migrate${waits ? `   waits until ${people}` : ''}`;
}
