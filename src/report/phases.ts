import { lineText, proofLines, standingWord, type PhasesStatus } from '../domain/phases/status.js';
import { few, minuteOf } from '../domain/units.js';

/** How a change in phases stands, for people at a terminal. */
export function phasesStatusText(status: PhasesStatus): string {
  const { target, change, says, until, lines, notes, next, failure, proof, said } = status;
  const line = (what: string, text: string) => `  ${what.padEnd(9)}${text}`;
  const steps = [...(failure?.next ?? []), ...next];
  return [
    `${change} of ${target}: ${standingWord(status)}`,
    ...(says ? [line('', says)] : []),
    ...(until ? [line('until', `${minuteOf(until)} UTC, by itself`)] : []),
    ...lines.map((each) => line('', lineText(each))),
    ...(proof ? proofLines(proof).map((each) => line('old code', each)) : []),
    ...few(notes, 5).map((note) => line('to know', note)),
    ...said.slice(-5).map((each) => line('said', each)),
    ...steps.map((each, index) => line(index ? '' : 'next', `${index + 1}. ${each}`)),
  ].join('\n');
}
