import type { Finding, LockedRelation, StatementForecast } from '../domain/plan.js';
import { gravestFirst, risks, type Risk } from '../domain/risk.js';
import { bytes, count, duration } from '../domain/units.js';
import { sqlLine, wrapped } from './sql-line.js';

export const WIDTH = 100;
/** A terminal as people have it open: what is longer, they do not read from its start. */
export const SCREEN = 40;
const INDENT = '       ';
const TEXT = WIDTH - INDENT.length;

/** One statement, what is wrong with it, whom it keeps waiting, and what to do instead. */
export function findingText(finding: Finding, place = ''): string {
  const { statement, risk, message, rule, instead, allowed, raised, forecast, unsure } = finding;
  const sql =
    place +
    (sqlLine(statement, TEXT - risk.length - 2 - place.length) ||
      (finding.revision ? 'the revision as a whole' : 'the file as a whole'));
  const line = (text: string) => `${INDENT}  ${wrapped(text, TEXT - 2, `${INDENT}  `)}`;
  const effects = effectsOf(finding);
  return [
    `${INDENT}${sql}${risk.padStart(TEXT - sql.length)}`,
    line(message),
    ...(effects.length > 0 ? [line(effects.join('; '))] : []),
    ...(forecast ? [line(forecastText(forecast))] : []),
    ...(unsure ? [line(unsureText(unsure))] : []),
    ...(raised ? [line(raisedText(raised))] : []),
    ...(allowed ? [line(allowedText(allowed))] : []),
    line(`Instead: ${instead} [${rule}]`),
  ].join('\n');
}

/** Whom it keeps waiting, and what else it does, a phrase each. */
export const effectsOf = ({ relations, dataLoss, breaksRunning }: Finding): string[] => [
  ...relations.map(lockText),
  ...(dataLoss ? ['may lose data'] : []),
  ...(breaksRunning ? ['may break the running release'] : []),
];

const lockText = ({ name, lock, blocks, why }: LockedRelation): string =>
  `${lock} on ${name}${why ? ` (${why})` : ''}: ${blocks === 'nothing' ? 'nobody waits' : `${blocks} wait`}`;

/** Why the verdict could be another one, as a sentence. */
export const unsureText = (unsure: string): string =>
  `${unsure.slice(0, 1).toUpperCase()}${unsure.slice(1)}.`;

/** Why the settings give it a higher risk than it has. */
export const raisedText = ({ reason, risk }: NonNullable<Finding['raised']>): string =>
  `Raised, ${risk} without that: ${reason}`;

/** Why its author takes a lower risk for it than it has. */
export const allowedText = ({ reason, risk }: NonNullable<Finding['allowed']>): string =>
  `Allowed, ${risk} without that: ${reason}`;

/** How long it takes at most and at least, what it needs, and what that is told from. */
const forecastText = ({ seconds: [low, high], diskBytes, from }: StatementForecast): string =>
  `Takes ${low === high ? '' : `${duration(low * 1000)} to `}${duration(high * 1000)}` +
  `${diskBytes > 0 ? ` and ${bytes(diskBytes)} of disk` : ''}: ${from}`;

/** `findings: 1 very-high, 2 medium`, the gravest first; `nothing found`. */
export function amounts(findings: readonly Finding[]): string {
  const all = risks.toReversed().flatMap((risk) => {
    const many = findings.filter((finding) => finding.risk === risk).length;
    return many > 0 ? [`${many} ${risk}`] : [];
  });
  return all.length > 0 ? `findings: ${all.join(', ')}` : 'nothing found';
}

/** The findings of one rule at one risk. */
export interface Group {
  rule: string;
  risk: Risk;
  findings: readonly Finding[];
}

/** By rule and risk, the gravest first, then what was found most often. */
export function grouped(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.risk} ${finding.rule}`;
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  const all = [...groups.values()].map((found) => ({
    ...{ rule: found[0]!.rule, risk: found[0]!.risk, findings: found },
  }));
  return gravestFirst(all.sort((a, b) => b.findings.length - a.findings.length));
}

/**
 * Many findings, a few lines for each rule.
 *
 * @param most - lines that there is room for
 * @param placeOf - where a finding is, in short
 */
export function groupsText(
  findings: readonly Finding[],
  most: number,
  placeOf: (finding: Finding) => string,
): string[] {
  const groups = grouped(findings);
  const lines: string[] = [];
  for (const [i, group] of groups.entries()) {
    const text = groupText(group, placeOf);
    if (lines.length + text.length > most - 1)
      return [...lines, `  and what ${count(groups.length - i, 'more rule')} found, none of it graver`];
    lines.push(...text);
  }
  return lines;
}

function groupText({ rule, risk, findings }: Group, placeOf: (finding: Finding) => string): string[] {
  const [first] = findings;
  const title = `  ${rule}: ${findings.length === 1 ? 'once' : `${findings.length} times`}`;
  return [
    title + risk.padStart(WIDTH - title.length),
    `    ${sqlLine(`${findings.length === 1 ? '' : 'such as: '}${first?.message ?? ''}`, WIDTH - 4)}`,
    `    ${places(findings.map(placeOf))}`,
    `    ${sqlLine(`Instead: ${first?.instead ?? ''}`, WIDTH - 4)}`,
  ];
}

/** As many places as one line holds. */
function places(all: readonly string[]): string {
  const unique = [...new Set(all)];
  const shown: string[] = [];
  for (const place of unique) {
    const rest = unique.length - shown.length - 1;
    const line = [...shown, place].join(', ');
    if (shown.length > 0 && line.length + (rest > 0 ? ` and ${rest} more`.length : 0) > WIDTH - 4) break;
    shown.push(place);
  }
  const rest = unique.length - shown.length;
  return shown.map((place) => sqlLine(place, WIDTH - 20)).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
