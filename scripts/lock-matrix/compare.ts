import type { Measured } from './measure.js';

/** What was measured and what the model says, of one case on one major. */
export interface Comparison {
  id: string;
  measured: Measured;
  predicted: string;
  /** Relations on which the server took ACCESS EXCLUSIVE and the model says less. */
  missed: readonly string[];
}

/** Cases in which they differ, with the reason. They count as differences all the same. */
export const known: Readonly<Record<string, string>> = {
  'alter table t set tablespace pg_default': 'it is there already; the schema model has no tablespaces',
  'alter table t set access method heap': 'it has it already; the schema model has no access methods',
  'drop statistics st1': 'the schema model has no statistics, and so not their table',
};

/** Both in the notation of src/locks/notation.ts; undefined where they are the same. */
export function compared(id: string, measured: Measured, predicted: string): Comparison | undefined {
  if (outcome(measured) === outcome(predicted)) return undefined;
  return { id, measured, predicted, missed: missed(measured, predicted) };
}

/** The words of a refusal differ from version to version. */
const outcome = (noted: string): string => (noted.startsWith('refused') ? 'refused' : noted);

function missed(measured: Measured, predicted: string): string[] {
  const strong = exclusive(predicted);
  return measured.startsWith('refused') ? [] : exclusive(measured).filter((name) => !strong.includes(name));
}

const exclusive = (noted: string): string[] =>
  noted.split(' ').flatMap((part) => /^(.+)=AE(\+|$)/.exec(part)?.[1] ?? []);

/** Differences of more shapes than this are a fault, as is any ACCESS EXCLUSIVE that was missed. */
const MOST_DIFFERENCES = 0.02;

/** @returns why the model does not hold on that server; empty where it does */
export function faults(cases: number, differing: readonly Comparison[]): string[] {
  const missing = differing.filter((each) => each.missed.length > 0);
  return [
    ...(differing.length > cases * MOST_DIFFERENCES
      ? [`${differing.length} of ${cases} cases differ, which is more than 2 %`]
      : []),
    ...missing.map(
      ({ id, missed: names }) => `ACCESS EXCLUSIVE on ${names.join(', ')} is missing in the model: ${id}`,
    ),
  ];
}

export const comparisonText = ({ id, measured, predicted }: Comparison): string =>
  [
    `  ${id}`,
    `    measured   ${measured}`,
    `    predicted  ${predicted}`,
    ...(known[id] ? [`    known      ${known[id]}`] : []),
  ].join('\n');
