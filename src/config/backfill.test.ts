import { backfillOf, backfillSettings } from './backfill.js';

const faultsIn = (text: string): string => {
  try {
    backfillSettings(text, 'backfill.yaml');
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

it('a table and a column are enough', () => {
  const settings = backfillSettings('table: orders\nset: {cents: total * 100}\n', 'backfill.yaml');
  expect(backfillOf(settings, 'it')).toMatchObject({
    where: null,
    verify: null,
    key: [],
    batch: { targetMs: 100, first: 1_000, least: 10, most: 50_000 },
    hours: [],
    throttle: { lagMs: 10_000, p95: null },
  });
});

it('tells all faults at once, each with its line and what was expected', () => {
  const text = `table: 7
set: {}
where: ''
hours: [always]
batch: {least: 100, most: 10}
throttle:
  p95: {ms: 100}
  lag: 5
`;
  const faults = faultsIn(text);
  for (const fault of [
    'backfill.yaml has 7 faults',
    'line 1: table: expected text, got a number',
    'line 2: set: expected at least one column',
    'line 3: where: expected text, got an empty one',
    'line 4: hours.0: expected a window such as',
    'line 5: batch.most: expected at least `least`',
    'line 7: throttle.p95: expected either url or query',
    'line 8: throttle.lag: there is no such setting',
  ])
    expect(faults).toContain(fault);
});

it('says what is no YAML', () => expect(faultsIn('table: [')).toMatch(/has 1 fault: - line/));
