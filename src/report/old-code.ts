import type { OldCodeProof } from '../domain/old-code.js';
import { WIDTH } from './finding.js';
import { wrapped } from './sql-line.js';

/** Whether old code is left, for people: what speaks against it, what for it, what could not be seen. */
export function oldCodeText(change: string, { holds, evidence, missing }: OldCodeProof): string {
  const verdict = holds
    ? `Nothing was found that still uses what the contract of ${change} takes away.`
    : `Not proved: old code may still use what the contract of ${change} takes away.`;
  const line = (mark: string, text: string) => `  ${mark}  ${wrapped(text, WIDTH - 5, '     ')}`;
  return [
    verdict,
    ...evidence.flatMap(({ source, says, holds: is, next = [] }) => [
      line(is ? 'ok' : '! ', `${source}: ${says}`),
      ...next.map((each) => `     → ${wrapped(each, WIDTH - 7, '       ')}`),
    ]),
    ...missing.map((text) => line('? ', `not seen: ${text}`)),
  ].join('\n');
}
