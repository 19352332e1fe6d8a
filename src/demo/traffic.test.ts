import { closedOutside, trafficOf, within, type Request } from './traffic.js';

const asked = (at: number, status: number | null, { late = 0, ms = 10 } = {}): Request => ({
  at,
  method: 'GET',
  status,
  late,
  ms,
});

it('tells what was answered well, what was closed, and what failed', () => {
  const statuses = [200, 201, 204, 503, 503, 500, 502, 404, null];
  const traffic = trafficOf(statuses.map((status, index) => asked(index * 100, status, { ms: index })));
  expect(traffic).toEqual({ ok: 3, closed: 2, failed: 4, slowestMs: 8, closedMs: 101 });
});

it('is nothing without a request', () =>
  expect(trafficOf([])).toEqual({ ok: 0, closed: 0, failed: 0, slowestMs: 0, closedMs: 0 }));

it('counts a request where it was answered, however long ago it was due', () => {
  const late = asked(1_000, 200, { late: 5_000, ms: 5_010 });
  expect(within([late], { from: 0, to: 2_000 })).toEqual([]);
  expect(within([late], { from: 6_000, to: 7_000 })).toEqual([late]);
});

it('finds a 503 of a moment at which the site was open', () => {
  const closures = [{ from: 1_000, to: 2_000 }];
  const during = asked(1_500, 503);
  const sentBefore = asked(995, 503, { ms: 10 });
  const dueWhileClosed = asked(1_990, 503, { late: 50, ms: 60 });
  const before = asked(900, 503);
  expect(closedOutside([during, sentBefore, dueWhileClosed, before, asked(500, 200)], closures)).toEqual([
    dueWhileClosed,
    before,
  ]);
});
