import { planFor } from '../../../src/activities/check.js';
import { rehearse } from '../../../src/activities/rehearse.js';
import { rehearsePlan } from '../../../src/activities/rehearse-plan.js';
import { readPlan } from '../../../src/activities/plans.js';
import type { Finding } from '../../../src/domain/plan.js';
import { HARMLESS } from '../../support/project.js';
import { problem, type Prepared, work } from '../restore/support.js';
import { projects, releases, revision } from './support.js';

const ready = projects();

/** The plan with what its rehearsal showed. */
async function rehearsed({ home, input }: Prepared) {
  const { planHash } = await rehearsePlan(home, input, work());
  return readPlan(home.target().config.state, planHash);
}
const of = (findings: readonly Finding[], rule: string) => findings.filter((each) => each.rule === rule);

it('a value that is cut short in one of many rows is found, counted and named by its key', async () => {
  const cut = revision(
    '0002_cut',
    ['ALTER TABLE notes ALTER COLUMN code TYPE varchar(8) USING left(code, 8)'],
    ['ALTER TABLE notes ALTER COLUMN code TYPE text'],
  );
  const rows = process.env['LOCKKEEPER_MANY_ROWS'] ?? '20000';
  const prepared = await ready(
    releases(cut),
    `CREATE TABLE notes (id bigint PRIMARY KEY, code text NOT NULL);
     INSERT INTO notes SELECT g, 'c' || g FROM generate_series(1, ${rows}) g;
     UPDATE notes SET code = 'much too long' WHERE id = 4711`,
  );
  const { findings, rehearsal, risk } = await rehearsed(prepared);
  const [lost] = of(findings, 'measured-values-lost');
  expect(lost?.message).toBe(
    `notes.code has other values after going forward and back: 1 row of ${Number(rows).toLocaleString('en-US')}, such as 4711`,
  );
  expect(lost).toMatchObject({
    revision: '0002_cut',
    risk: 'very-high',
    evidence: 'rehearsal',
    dataLoss: true,
  });
  expect(rehearsal).toMatchObject({
    schemaBack: 'same',
    rowsBack: 'same',
    valuesBack: ['public.notes.code'],
  });
  expect(rehearsal?.rewritten).toEqual(['public.notes']);
  expect(rehearsal?.locks).toEqual([{ name: 'public.notes', lock: 'ACCESS EXCLUSIVE' }]);
  expect(risk).toBe('very-high');
});

it('larger tables are compared by one row in 16, those without a key by their rows, and both is said', async () => {
  const prepared = await ready(
    { settings: { rehearsal: { compareUpToGiB: 0 } } },
    `CREATE TABLE notes (code text); INSERT INTO notes VALUES ('a')`,
  );
  expect((await rehearse(prepared.home, prepared.input, work())).compared).toMatch(
    /one row in 16 of 1 table .*, only the number of rows of 1 table .* without a primary key/,
  );
});

const hidden = `CREATE FUNCTION hide() RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE $q$ALTER TABLE orders ALTER COLUMN total TYPE numeric USING total + 0$q$; END'`;

it('what a function does shows: its lock, its rewrite; the risk rises, and the next plan has it', async () => {
  const calls = revision('0002_calls', ['SELECT hide()'], ['SELECT hide()']);
  const allowed = {
    ...calls,
    up: `# lockkeeper: allow function-called because a rehearsal looks at it\n    ${calls.up}`,
  };
  const prepared = await ready(releases(allowed), hidden);
  const { home, input, plan } = prepared;
  expect(plan.risk).toBe('medium');
  const rose = await problem(rehearsePlan(home, input, work()));
  expect(rose.code).toBe('risk-rose');
  expect(rose.message).toMatch(/locks orders \(ACCESS EXCLUSIVE.*writes orders anew/s);
  const next = await planFor(home.target(), { name: 'r2', running: 'r1' }, work());
  expect(next.risk).toBe('high');
  expect(of(next.findings, 'measured-rewrite')).toHaveLength(1);
  const { planHash } = await rehearsePlan(home, { ...input, planHash: next.planHash }, work());
  const final = await readPlan(home.target().config.state, planHash);
  expect(of(final.findings, 'measured-rewrite')).toHaveLength(1);
});

it('rows that a cascade deletes in another table are named', async () => {
  const prepared = await ready(
    releases(revision('0002_del', ['DELETE FROM orders WHERE id = 7'], [])),
    `CREATE TABLE lines (id int PRIMARY KEY, of bigint REFERENCES orders ON DELETE CASCADE);
     INSERT INTO lines SELECT g, 7 FROM generate_series(1, 3) g`,
  );
  const { findings } = await rehearsed(prepared);
  expect(of(findings, 'measured-rows-changed').map(({ message }) => message)).toEqual([
    'the statement also deletes 3 rows of lines, which it does not name',
  ]);
});

it('a block that puts its SQL together drops to high once it was seen to take nothing away', async () => {
  const block = `DO $b$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN note text', 'orders'); END $b$`;
  const prepared = await ready(
    releases(revision('0002_block', [block], ['ALTER TABLE orders DROP COLUMN note'])),
  );
  expect(prepared.plan).toMatchObject({ risk: 'very-high', gate: { approvals: 2 } });
  const { risk, gate, procedure, findings } = await rehearsed(prepared);
  expect({ risk, approvals: gate.approvals, procedure }).toEqual({
    risk: 'high',
    approvals: 1,
    procedure: 'high-risk',
  });
  expect(of(findings, 'code-block')).toMatchObject([
    { risk: 'high', evidence: 'rehearsal', dataLoss: false },
  ]);
});

it('one that deletes rows does not drop; neither does Python that changes them', async () => {
  const deleting = revision(
    '0002_block',
    [`DO $b$ BEGIN EXECUTE 'DELETE FROM ' || 'orders WHERE id < 3'; END $b$`],
    [],
  );
  expect((await rehearsed(await ready(releases(deleting)))).risk).toBe('very-high');
});

it('Python that asks the database is read as it was sent', async () => {
  const asks = {
    ...HARMLESS,
    up: `columns = [c["name"] for c in sa.inspect(op.get_bind()).get_columns("orders")]
    if "gift_note" not in columns:
        op.add_column("orders", sa.Column("gift_note", sa.Text()))
    op.create_table("coupons", sa.Column("code", sa.Text(), primary_key=True))`,
  };
  const prepared = await ready(releases(asks));
  expect(prepared.plan.risk).toBe('very-high');
  const { risk, coverage, rehearsal } = await rehearsed(prepared);
  expect(risk).toBe('high');
  expect(coverage.analysed).toBe(coverage.total);
  expect(rehearsal?.locks).toEqual([{ name: 'public.orders', lock: 'ACCESS EXCLUSIVE' }]);
});

it.each([
  [
    'ALTER TABLE orders ADD CONSTRAINT one UNIQUE (note)',
    '2 values of (note) in orders stand more than once: (ana…), (bob…)',
  ],
  ['ALTER TABLE orders ALTER COLUMN other SET NOT NULL', '1,000 rows of orders have no other: 1, 2, 3, 4, 5'],
  [
    'ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 999)',
    '2 rows of orders break the check: 999, 1000',
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT known FOREIGN KEY (id) REFERENCES people (id)',
    '999 rows of orders refer to nothing in people: 2, 3, 4, 5, 6',
  ],
])('rows that break a rule are told with their number and their keys: %s', async (sql, words) => {
  const prepared = await ready(
    releases(revision('0002_rule', [sql], [])),
    `ALTER TABLE orders ADD COLUMN note text, ADD COLUMN other text;
     UPDATE orders SET note = CASE WHEN id < 3 THEN 'ana@example.com' WHEN id < 5 THEN 'bob@example.com' ELSE 'n' || id END;
     CREATE TABLE people (id bigint PRIMARY KEY); INSERT INTO people VALUES (1)`,
  );
  const failed = await problem(rehearse(prepared.home, prepared.input, work()));
  expect(failed.code).toBe('rehearsal-failed');
  expect(failed.message.replace('1000 rows', '1,000 rows')).toContain(words);
});

it('each statement says what it did, and how long it kept its locks', async () => {
  const prepared = await ready(
    releases(
      revision(
        '0002_two',
        [
          'ALTER TABLE orders ADD COLUMN note text',
          'UPDATE orders SET note = total::text',
          'SELECT pg_sleep(0.3)',
        ],
        ['ALTER TABLE orders DROP COLUMN note'],
      ),
    ),
  );
  const { seen, measured } = await rehearse(prepared.home, prepared.input, work());
  const [added, updated] = seen.statements;
  expect(added?.trace).toMatchObject({
    open: true,
    locks: [['public.orders', 'r', 'AccessExclusiveLock']],
    rewritten: [],
  });
  expect(added?.heldMs).toBeGreaterThan(300);
  expect(updated?.trace?.rows).toEqual([['public.orders', 1, 1000, 0, 0, 1000, 0]]);
  expect(updated?.trace?.walBytes).toBeGreaterThan(50_000);
  expect(measured?.locks[0]).toMatchObject({ name: 'public.orders', lock: 'ACCESS EXCLUSIVE' });
  expect(measured?.walBytes).toBeGreaterThan(50_000);
});
