import { appendFile, writeFile } from 'node:fs/promises';
import { compare } from '../../../src/activities/compare.js';
import { rehearsePlan } from '../../../src/activities/rehearse-plan.js';
import { HARMLESS, type Project } from '../../support/project.js';
import { oneValue, run } from '../backup/support.js';
import { prepare, type Prepared, problem, work } from '../restore/support.js';

let prepared: Prepared;
beforeAll(async () => {
  prepared = await prepare();
});
afterAll(() => prepared.project.close());

type Changed = (project: Project) => Promise<unknown>;
const file = (project: Project, release: string) =>
  project.path(`releases/${release}/migrations/versions/${HARMLESS.id}.py`);

it.each<[string, Changed, RegExp, Changed]>([
  [
    'the schema',
    (project) => run(project.url, 'ALTER TABLE orders ADD COLUMN surprise int'),
    /the database's schema \(fingerprint\): was/,
    (project) => run(project.url, 'ALTER TABLE orders DROP COLUMN surprise'),
  ],
  [
    "the database's revision",
    (project) => run(project.url, `UPDATE alembic_version SET version_num = '${HARMLESS.id}'`),
    /the database's revision: was 0001_first, is 0002_gifts/,
    (project) => run(project.url, `UPDATE alembic_version SET version_num = '0001_first'`),
  ],
  [
    'the running release',
    (project) => writeFile(project.path('running'), 'r0'),
    /running release: was r1, is r0/,
    (project) => writeFile(project.path('running'), 'r1'),
  ],
  [
    'a revision file',
    (project) => appendFile(file(project, 'r2'), '\n# changed\n'),
    /revision 0002_gifts: its file .* was edited/,
    () => Promise.resolve(),
  ],
])('a rehearsed plan is void once %s is another: named, before any DDL', async (_, change, says, back) => {
  const { home, input, project } = prepared;
  const { planHash } = await rehearsePlan(home, input, work());
  const final = { ...input, planHash };
  expect(await compare(home, final, work())).toMatchObject({
    note: expect.stringContaining('the plan holds') as string,
  });
  await change(project);
  try {
    const changed = await problem(compare(home, final, work()));
    expect(changed.code).toBe('plan-changed');
    expect(changed.message).toMatch(says);
    expect(await oneValue(project.url, `SELECT to_regclass('coupons') IS NULL`)).toBe(true);
  } finally {
    await back(project);
  }
});

it('so it is once it is older than allowed', async () => {
  const { home, input } = prepared;
  const madeAt = new Date(Date.now() - 40 * 86_400_000).toISOString();
  expect((await problem(compare(home, { ...input, madeAt }, work()))).code).toBe('plan-too-old');
});
