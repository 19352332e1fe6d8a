import type { Fact, RunRecord } from '../domain/record.js';
import type { Played } from './play.js';
import { brokenPromises, closureOf, type Outcome } from './promises.js';
import type { Sight } from './proof.js';
import type { Part } from './story.js';
import type { Request } from './traffic.js';

const SIGHT: Sight = { revision: '0006', schema: 'abc', mark: '9', ordersUnderMark: '9, 1.00', orders: 9 };
const PART: Part = {
  name: 'r6',
  title: '',
  tells: '',
  command: [],
  approvers: ['ana', 'ben'],
  backTo: 'r6',
  exit: 1,
  moral: '',
};
const at = (ms: number) => new Date(ms).toISOString();
const FACTS: Fact[] = [
  { at: at(1_000), kind: 'said', message: 'approve', by: 'ana', via: 'update' },
  { at: at(1_100), kind: 'said', message: 'approve', by: 'ben', via: 'update' },
  { at: at(2_000), kind: 'started', step: 'maintenance on' },
  { at: at(2_500), kind: 'finished', step: 'maintenance on' },
  { at: at(4_000), kind: 'undone', undo: 'maintenance off' },
];
const record = (facts: readonly Fact[] = FACTS): RunRecord => ({
  formatVersion: 1,
  kind: 'deploy',
  target: 'shop',
  workflowId: 'lockkeeper:shop',
  runId: 'r',
  steps: [],
  outcome: 'undone',
  facts,
});
const asked = (moment: number, status: number): Request => ({
  at: moment,
  method: 'GET',
  status,
  late: 0,
  ms: 1,
});

const played = (change: Partial<Played> = {}): Played => ({
  part: PART,
  span: { from: 0, to: 5_000 },
  record: record(),
  before: SIGHT,
  after: SIGHT,
  ...change,
});
const outcome = (change: Partial<Outcome> = {}): Outcome => ({
  played: [played()],
  shopped: { requests: [asked(1_500, 200), asked(3_000, 503)], orders: 4 },
  health: { asked: 9, ok: 9, closed: 0 },
  seeded: 5,
  orders: 9,
  ...change,
});

it('finds nothing where all came out as promised', () => expect(brokenPromises(outcome())).toEqual([]));

it('knows from the record from when to when the site was closed', () => {
  expect(closureOf(record())).toEqual({ from: 2_000, to: 4_000 });
  expect(closureOf(record([]))).toBeNull();
});

const other = (change: Partial<Sight>) => [played({ after: { ...SIGHT, ...change } })];
const requests = (...all: Request[]) => ({ requests: all, orders: 4 });

it.each<[string, Partial<Outcome>, string]>([
  ['a request that failed', { shopped: requests(asked(3_000, 503), asked(1, 502)) }, 'neither 2xx nor 503'],
  [
    '503 while the shop was open',
    { shopped: requests(asked(3_000, 503), asked(4_500, 503)) },
    'while the shop was open',
  ],
  ['no 503 while it was closed', { shopped: requests(asked(1_500, 200)) }, 'nobody noticed'],
  ['an order that is missing', { orders: 8 }, '9 orders were placed, and 8 are there'],
  ['an order that was changed', { played: other({ ordersUnderMark: '9, 2.00' }) }, 'changed or lost orders'],
  ['another schema', { played: other({ schema: 'abd' }) }, 'another schema'],
  ['another revision', { played: other({ revision: '0007' }) }, 'another revision'],
  [
    'a health check that was closed',
    { health: { asked: 9, ok: 8, closed: 1 } },
    '/health was closed 1 times',
  ],
  [
    'one approval in place of two',
    { played: [played({ record: record(FACTS.slice(1)) })] },
    'approved by ben alone',
  ],
])('finds %s', (_, change, words) =>
  expect(brokenPromises(outcome(change))).toEqual([expect.stringContaining(words)]),
);
