import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgeAsk, BridgeEvent, Leave } from '../../../src/adapters/alembic/events.js';
import { looking, ORDERS } from './looking.js';
import { drivers, run, testProject, type TestProject } from './project.js';

/** A key swap in small: all locks at once, then many statements that need no other. */
const LOCK = 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE';
const many = Array.from({ length: 30 }, (_, at) => [
  `ALTER TABLE orders ADD COLUMN c${at} int`,
  `ALTER TABLE orders RENAME COLUMN c${at} TO d${at}`,
]).flat();
const body = (tail: string): string =>
  [LOCK, ...many].map((sql) => `op.execute(${JSON.stringify(sql)}${tail})`).join('\n');

async function shop(up: string, more: object = {}): Promise<TestProject> {
  const project = await testProject([{ id: 'r1', up }], { driver: 'psycopg2', ...more });
  await project.query(ORDERS);
  return project;
}

/** Leave for the first statement, with what may follow. */
async function asked(project: TestProject, ahead: readonly string[]) {
  const asks: string[] = [];
  const told: string[] = [];
  const leave = (ask: BridgeAsk): Leave => {
    if (ask.ask !== 'statement') return { do: 'go' };
    asks.push(ask.sql);
    return asks.length === 1 ? { do: 'go', ahead: { statements: ahead, lockTimeoutMs: 100 } } : { do: 'go' };
  };
  const onEvent = (event: BridgeEvent) => void (event.event === 'statement' && told.push(event.sql));
  await run(project, 'upgrade', ['r1'], [], { leave, onEvent });
  return {
    asks: asks.filter((sql) => !/alembic_version/.test(sql)),
    told: told.filter((sql) => !/alembic_version/.test(sql)),
  };
}

it.each(drivers)(
  '%s: what was granted is sent without a question, in its order, and told of',
  async (driver) => {
    const { asks, told } = await asked(await shop(body(''), { driver }), many);
    expect(asks).toEqual([LOCK]);
    expect(told).toEqual([LOCK, ...many]);
  },
);

it('where another statement comes, it is asked for, and so is all that follows', async () => {
  const { asks, told } = await asked(await shop(body('')), [many[0]!, 'DROP TABLE orders', ...many.slice(1)]);
  expect(asks).toEqual([LOCK, ...many.slice(1)]);
  expect(told).toEqual([LOCK, ...many]);
});

it('the end of the transaction ends it: what is granted within one is asked for in the next', async () => {
  const twice = `op.execute("${LOCK}")\nop.execute("COMMIT")\nop.execute("${many[0]}")`;
  const { asks } = await asked(await shop(twice), ['COMMIT', many[0]!]);
  expect(asks).toEqual([LOCK, many[0]]);
});

/** How long the table was locked, as another session sees it. */
async function lockedMs(project: TestProject): Promise<number> {
  const migration = await looking(project);
  const client = await project.connect();
  const seen: number[] = [];
  let over = false;
  const watching = (async () => {
    while (!over) {
      const { rowCount } = await client.query(
        `SELECT FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'AccessExclusiveLock' AND granted`,
      );
      if (rowCount) seen.push(performance.now());
      await sleep(2);
    }
  })();
  await migration.upgrade();
  over = true;
  await watching;
  return seen.at(-1)! - seen[0]!;
}

it('the worker grants what it can tell: the table is locked for a shorter time', async () => {
  const head = 'from alembic import context\n';
  // As it was: what is sent is not what was rendered, so that each statement is asked for.
  const other = body(` + ('' if context.is_offline_mode() else ' -- by hand')`);
  const before = await lockedMs(await shop(`${head}${other}`));
  const project = await shop(body(''));
  const after = await lockedMs(project);
  process.stderr.write(
    `locked for ${Math.round(before)} ms asked, ${Math.round(after)} ms granted: ${(after / before).toFixed(2)}\n`,
  );
  expect(after).toBeLessThan(before * 0.9);
  expect(
    await project.query(
      "select count(*)::int as n from pg_attribute where attrelid = 'orders'::regclass and attname ~ '^d'",
    ),
  ).toEqual([{ n: 30 }]);
});
