import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { planFor } from '../../../src/activities/check.js';
import type { Target } from '../../../src/activities/home.js';
import { homeAt } from '../../../src/activities/home.js';
import type { Plan } from '../../../src/domain/plan.js';
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { freshDatabase, projectPython, type TestDatabase } from '../../support/servers.js';
import { quietWork } from '../../support/settings-home.js';
import { BEFORE, writeTwoHundred, type Trap } from '../../support/two-hundred.js';

let database: TestDatabase;
let target: Target;
let traps: Trap[];
let plan: Plan;
const folder = mkdtempSync(join(tmpdir(), 'lk-200-'));
const times: Record<string, number> = {};

async function check(name: string): Promise<Plan> {
  const began = performance.now();
  const made = await planFor(target, { name: 'r2', running: 'r1' }, quietWork());
  times[name] = Math.round(performance.now() - began);
  return made;
}

beforeAll(async () => {
  database = await freshDatabase();
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(BEFORE);
  await client.end();
  process.env.TWO_HUNDRED_URL = database.url;
  traps = writeTwoHundred(folder);
  writeFileSync(
    join(folder, 'lockkeeper.yaml'),
    stringify({
      version: 1,
      targets: {
        shop: {
          database: { url: '${TWO_HUNDRED_URL}' },
          alembic: { python: projectPython, environment: { DATABASE_URL: '${TWO_HUNDRED_URL}' } },
        },
      },
    }),
  );
  target = homeAt(join(folder, 'lockkeeper.yaml')).target('shop');
  await new Promise((resolve) => setTimeout(resolve, 50)); // what has just been written is not kept
  plan = await check('first');
});

afterAll(async () => {
  console.info(`check of 200 revisions, ms in process: ${JSON.stringify(times)}`);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const found = (revision: string) => plan.findings.filter((one) => one.revision === revision);

it('finds every trap, and says on which line', () => {
  expect(traps.length).toBeGreaterThan(15);
  const missed = traps.flatMap(({ revision, rules }) =>
    rules
      .filter((rule) => !found(revision).some((one) => one.rule === rule))
      .map(
        (rule) =>
          `${revision} ${rule}, but ${found(revision)
            .map((one) => one.rule)
            .join(', ')}`,
      ),
  );
  expect(missed).toEqual([]);
});

it('points to the line that says it', () => {
  const wrong = traps.flatMap(({ revision, rules, says }) => {
    const finding = found(revision).find((one) => one.rule === rules[0]);
    const lines = readFileSync(join(folder, finding?.file ?? 'alembic.ini'), 'utf8').split('\n');
    const line = lines[(finding?.line ?? 0) - 1] ?? '';
    return says === undefined || line.includes(says) ? [] : [`${revision} ${finding?.line}: ${line}`];
  });
  expect(wrong).toEqual([]);
});

it('finds nothing in the others: their tables are new', () => {
  const planted = new Set([...traps.map(({ revision }) => revision), 'r030', 'r040']);
  const cried = plan.findings
    .filter(({ revision }) => !planted.has(revision ?? ''))
    .map(({ revision, rule, statement }) => `${revision} ${rule} ${statement}`);
  // What a block in r060 commits is in the way of whatever comes next.
  expect(cried).toEqual([]);
  expect(plan.revisions.filter(({ risk }) => risk === 'low').length).toBeGreaterThan(175);
});

it('counts what it has not analysed, and only that', () => {
  expect(plan.coverage.total - plan.coverage.analysed).toBe(2);
  expect(plan).toMatchObject({
    risk: 'very-high',
    procedure: 'very-high-risk',
    phase: { phase: 'contract' },
  });
});

it('puts branches, a merge and depends_on in order', () => {
  const order = plan.revisions.map(({ revision }) => revision);
  expect(order).toHaveLength(200);
  for (const [before, after] of [
    ['r100', 'r101'],
    ['r101', 'r102'],
    ['r102', 'r103'],
    ['r103', 'r104'],
  ])
    expect(order.indexOf(before ?? '')).toBeLessThan(order.indexOf(after ?? ''));
});

it('makes the same plan again, from what it kept', async () => {
  expect((await check('again')).planHash).toBe(plan.planHash);
  expect(times.again).toBeLessThan(times.first ?? 0);
});
