import { jest } from '@jest/globals';
import { progressIn, ProgressSaid } from './progress.js';

const described = (...data: string[]) =>
  ({
    raw: {
      pendingActivities: data.map((each) => ({
        heartbeatDetails: { payloads: [{ data: Buffer.from(each) }] },
      })),
    },
  }) as unknown as Parameters<typeof progressIn>[0];

it('reads what the step has last said with its heartbeat', () => {
  expect(progressIn(described('"dumping: table 5 of 12, 210.0 MiB"'))).toBe(
    'dumping: table 5 of 12, 210.0 MiB',
  );
  expect(progressIn(described('\u0001encrypted'))).toBe('');
  expect(progressIn(described('{"not":"words"}'))).toBe('');
  expect(progressIn(described())).toBe('');
});

it('says it when it is news, every ten seconds at most, and nothing of a step that is over soon', () => {
  jest.useFakeTimers();
  const said: string[] = [];
  const progress = new ProgressSaid({
    json: false,
    interactive: false,
    out: () => {},
    say: (text) => said.push(text),
  });
  progress.say('table 1 of 12');
  jest.advanceTimersByTime(10_000);
  progress.say('table 2 of 12');
  progress.say('table 3 of 12');
  jest.advanceTimersByTime(10_000);
  progress.say('table 2 of 12');
  progress.over();
  progress.say('table 1 of 3');
  expect(said.map((text) => text.trim())).toEqual(['table 2 of 12']);
  jest.useRealTimers();
});
