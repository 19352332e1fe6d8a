import { code, words } from '../domain/markdown.js';
import type { Finding, Plan } from '../domain/plan.js';
import { gravestFirst } from '../domain/risk.js';
import { count } from '../domain/units.js';
import { verdictOn, type FileVerdict, type Offline, type Verdict } from '../domain/verdict.js';
import { amounts, effectsOf, raisedText, unsureText } from './finding.js';
import { offlineNotes } from './offline.js';
import { applies, appliesIn } from './procedure.js';

/** GitHub refuses a comment of more than 65,536 characters; some are left for what is put around it. */
const MOST_CHARS = 60_000;
const SQL_SHOWN = 1_500;
/** By which a job finds its own comment again. */
const MARK = '<!-- lockkeeper check -->';

/** The check of a target as a comment on a pull request. */
export const planMarkdown = (plan: Plan, offline?: Offline): string =>
  page(
    plan,
    `${code(plan.target)}: ${plan.revisions.length ? count(plan.revisions.length, 'revision') : 'no migration is pending'}`,
    applies(plan.procedure),
    [
      ...(plan.gate.notAutomatic ?? []).map((reason) => `- not automatic: ${words(reason)}`),
      ...(offline
        ? offlineNotes(plan, offline).map((note) => `- ${words(note)}`)
        : [`- plan ${code(plan.planHash.slice(0, 12))} of release ${code(plan.release)}`]),
    ],
  );

/** The check of files as a comment on a pull request. */
export function sqlMarkdown(files: readonly FileVerdict[]): string {
  const verdict = verdictOn(files);
  return page(verdict, count(files.length, 'file'), appliesIn(verdict.procedure), []);
}

function page(verdict: Verdict, title: string, says: string, notes: readonly string[]): string {
  const { coverage, findings, risk } = verdict;
  const { analysed, total } = coverage;
  const head = [
    MARK,
    `### Lockkeeper: ${risk} risk, ${title}`,
    '',
    `${analysed} of ${count(total, 'statement')} analysed, ${amounts(findings)}. ${says.replace('\n', ' ')}`,
    ...(notes.length ? ['', ...notes] : []),
  ].join('\n');
  const sorted = gravestFirst(findings);
  const parts = fitting(sorted.map(detail), MOST_CHARS - head.length - 500);
  const left = sorted.length - parts.length;
  return [
    head,
    ...(parts.length ? ['', parts.join('\n\n')] : []),
    ...(left
      ? ['', `And ${count(left, 'more finding')}, none of them graver: ${code('--format json')} has all.`]
      : []),
    '',
  ].join('\n');
}

function fitting(parts: readonly string[], room: number): string[] {
  let used = 0;
  const end = parts.findIndex((part) => (used += part.length + 2) > room);
  return parts.slice(0, end < 0 ? parts.length : end);
}

function detail(finding: Finding): string {
  const { risk, rule, file, line, revision, message, instead, statement, allowed, raised, unsure } = finding;
  const place = [revision, file === '-' ? 'standard input' : file + (line ? `:${line}` : '')].filter(Boolean);
  const effects = effectsOf(finding).map((effect) => `- ${words(effect)}`);
  return [
    `<details><summary><b>${risk}</b> ${html(message)} (<code>${html(rule)}</code>, ${html(place.join(', '))})</summary>`,
    '',
    ...(statement ? [fenced(statement), ''] : []),
    ...effects,
    ...(unsure ? [`- ${words(unsureText(unsure))}`] : []),
    ...(raised ? [`- ${words(raisedText(raised))}`] : []),
    ...(allowed ? [`- allowed, ${allowed.risk} without that: ${words(allowed.reason)}`] : []),
    `- Instead: ${words(instead)}`,
    '',
    '</details>',
  ].join('\n');
}

/** Within HTML no Markdown is read, and a summary is one line. */
const html = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .slice(0, 300)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** With a fence that is longer than any in the SQL, so that nothing in it ends it. */
function fenced(sql: string): string {
  const shown = sql.length > SQL_SHOWN ? `${sql.slice(0, SQL_SHOWN)}…` : sql;
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${shown}\n${fence}`;
}
