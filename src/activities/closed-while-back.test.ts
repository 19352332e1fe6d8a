import type { RunRecord } from '../domain/record.js';
import type { Move } from '../domain/rollback.js';
import { closedWhileBack } from './closed-while-back.js';

const move = (goBack?: number | null): Move =>
  ({ plan: { revisions: 1, ...(goBack === undefined ? {} : { forecast: { goBack } }) } }) as unknown as Move;
const record = {
  ...{ kind: 'deploy', outcome: 'done', steps: [] },
  facts: [
    { at: '2026-11-26T16:00:00.000Z', kind: 'started', step: 'deploy' },
    { at: '2026-11-26T16:00:03.000Z', kind: 'finished', step: 'deploy' },
  ],
} as unknown as RunRecord;

it('is as long as the downgrades took on their copies, and the rest of the last closure', () => {
  expect(closedWhileBack([move(2_000), move(1_000)], [record])).toBe(
    'the site will be closed for about 6.0 s: its downgrades took 3.0 s on the copy, verify and start 3.0 s as at the last deploy',
  );
});

it('is not told where a part of it is not known', () => {
  expect(closedWhileBack([move(2_000), move(null)], [record])).toMatch(
    /for how long is not known: .* took 2.0 s/,
  );
  expect(closedWhileBack([move(2_000)], [])).toMatch(/for how long is not known: .*start is not known$/);
  expect(closedWhileBack([move()], [record])).toMatch(/no downgrade of it was rehearsed/);
});
