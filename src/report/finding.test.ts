import type { Finding } from '../domain/plan.js';
import { findingText } from './finding.js';

const finding: Finding = {
  ...{ rule: 'column-dropped', risk: 'very-high', file: 'x.sql' },
  statement: 'ALTER TABLE orders DROP COLUMN shop_id',
  relations: [
    { name: 'orders', lock: 'ACCESS EXCLUSIVE', blocks: 'reads and writes' },
    { name: 'shop', lock: 'ACCESS EXCLUSIVE', blocks: 'reads and writes', why: 'referenced by orders' },
  ],
  ...{ dataLoss: true, breaksRunning: true, evidence: 'static' },
  message: 'the column is gone',
  instead: 'Keep it.',
};

it('says why a relation is locked that the statement does not name', () => {
  expect(findingText(finding).replace(/\s+/g, ' ')).toContain(
    'ACCESS EXCLUSIVE on orders: reads and writes wait; ACCESS EXCLUSIVE on shop (referenced by orders): ' +
      'reads and writes wait; may lose data',
  );
});

it('says how long it takes, what it needs, and what that is told from, where that is known', () => {
  const forecast = { diskBytes: 2 ** 30, walBytes: 2 ** 30, from: 'orders has 1.0 GiB' };
  const text = (seconds: [number, number], disk = 2 ** 30) =>
    findingText({ ...finding, forecast: { ...forecast, seconds, diskBytes: disk } });
  expect(text([10.7, 107])).toContain('Takes 10.7 s to 1 min 47 s and 1.0 GiB of disk: orders has 1.0 GiB');
  expect(text([25, 25], 0)).toContain('Takes 25.0 s: orders has 1.0 GiB');
  expect(findingText(finding)).not.toContain('Takes');
});
