import type { Finding } from '../domain/plan.js';
import { gravestFirst, type Risk } from '../domain/risk.js';
import { count } from '../domain/units.js';
import type { Verdict } from '../domain/verdict.js';
import { allowedText, amounts, effectsOf, raisedText, unsureText } from './finding.js';

const commands: Record<Risk, 'notice' | 'warning' | 'error'> = {
  low: 'notice',
  medium: 'warning',
  high: 'error',
  'very-high': 'error',
};

/**
 * Annotations of GitHub Actions (https://docs.github.com/actions/reference/workflow-commands-for-github-actions), the
 * gravest first, because GitHub shows but ten of a kind; then one line that says how much was read.
 */
export function githubText({ findings, coverage }: Omit<Verdict, 'procedure' | 'risk'>): string {
  const { analysed, total } = coverage;
  return [
    ...gravestFirst(findings).map(annotation),
    `${analysed} of ${count(total, 'statement')} analysed, ${amounts(findings)}.`,
  ].join('\n');
}

function annotation(finding: Finding): string {
  const { risk, rule, file, line, message, instead, allowed, raised, unsure } = finding;
  const title = `${risk}: ${rule}`;
  const text = [
    message,
    effectsOf(finding).join('; '),
    unsure ? unsureText(unsure) : '',
    raised ? raisedText(raised) : '',
    allowed ? allowedText(allowed) : '',
    `Instead: ${instead}`,
  ];
  const at = [...(file === '-' ? [] : [`file=${property(file)}`]), ...(line ? [`line=${line}`] : [])];
  const properties = [...at, `title=${property(title)}`].join(',');
  return `::${commands[risk]} ${properties}::${data(text.filter(Boolean).join('\n'))}`;
}

/** As actions/toolkit escapes them, command.ts. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
