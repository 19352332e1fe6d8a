import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { newPhases, type WrittenPhases } from '../../../src/activities/phases-new.js';
import type { Target } from '../../../src/activities/home.js';
import { inspect } from '../../../src/adapters/alembic/inspect.js';
import { readCatalog } from '../../../src/adapters/postgres/catalog.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { fingerprint } from '../../../src/adapters/postgres/fingerprint.js';
import { phasedBy } from '../../../src/domain/phased.js';
import { risks } from '../../../src/domain/risk.js';
import type { Wanted } from '../../../src/phases/wanted.js';
import { buildPlan } from '../../../src/plan/build.js';
import { sample, seed } from '../../support/kills-sample.js';
import { factsWith } from '../../support/plan-facts.js';
import { run, testProject, type TestProject } from '../alembic/project.js';
import { cases, type Case } from './cases.js';
import { difference, Writers, type Side } from './writers.js';

const ROWS = 300;
const WRITERS = 3;
const work = { attempt: 1, progress: () => undefined, signal: new AbortController().signal };
const application = { applicationName: 'test' };

const targetOf = ({ url, alembic }: TestProject): Target =>
  ({ name: 'shop', url: () => url, project: () => alembic }) as unknown as Target;

const wantedOf = (wanted: Case['wanted']): Wanted => ({
  ...{ columns: [], into: {}, set: {}, back: {}, by: [] },
  ...wanted,
});

const write = (
  project: TestProject,
  { intent, wanted }: Pick<Case, 'intent' | 'wanted'>,
): Promise<WrittenPhases> =>
  newPhases(
    targetOf(project),
    { intent, wanted: wantedOf(wanted), change: 'the-change', release: 'r2', dry: false },
    work,
  );

const start = async (schema: string): Promise<TestProject> => {
  const project = await testProject([{ id: '0001_first' }]);
  const mako =
    '"""${message}\n\nRevises: ${down_revision | comma,n}\n"""\nfrom alembic import op\n' +
    'revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n\n\n' +
    'def upgrade():\n    ${upgrades if upgrades else "pass"}\n\n\ndef downgrade():\n    ${downgrades if downgrades else "pass"}\n';
  project.write('migrations/script.py.mako', mako);
  await run(project, 'upgrade', ['0001_first'], []);
  await project.query(schema);
  return project;
};

/** Rules of expand and constrain that are above medium. */
async function graveFindings(project: TestProject): Promise<string[]> {
  const { pending, current } = await inspect(project.alembic, { from: 'database' });
  const schema = await withClient(project.url, application, (client) => readCatalog(client, {}));
  const plan = await buildPlan({
    ...factsWith(...pending),
    ...{ from: current, schema, postgres: schema.postgres ?? 0 },
  });
  const phaseOf = new Map(pending.map(({ revision, allowances }) => [revision, phasedBy(allowances)]));
  expect([...phaseOf.values()]).not.toContain(undefined);
  return plan.findings
    .filter(
      ({ risk, revision }) =>
        risks.indexOf(risk) > risks.indexOf('medium') && phaseOf.get(revision ?? '')?.phase !== 'contract',
    )
    .map(({ rule, message, revision }) => `${revision} ${rule}: ${message}`);
}

const chosen = sample(cases, 2);

it.each(chosen.map((each) => [each.name, each] as const))(
  '%s: forward, back and forward, nothing lost',
  async (_, each) => {
    const project = await start(each.schema);
    const before = await schemaOf(project);
    const written = await write(project, each);
    expect(await graveFindings(project)).toEqual([]);
    const { pending } = await inspect(project.alembic, { from: 'database', render: 'none' });
    const of = (phase: string) =>
      pending
        .filter(({ allowances }) => phasedBy(allowances)?.phase === phase)
        .map(({ revision }) => revision);
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => project.connect()));
    const writers = new Writers(clients, [each.old], each.value, seed, ROWS);
    const { old, next, last = next } = each;
    const both = [old, next];
    let at = ['0001_first'];
    const phase = async (direction: 'upgrade' | 'downgrade', name: string) => {
      const revisions = direction === 'upgrade' ? of(name) : of(name).reverse();
      if (revisions.length === 0) return;
      await run(project, direction, revisions, at, { lockTimeoutMs: 20_000 });
      const end = revisions.at(-1) ?? '';
      at = direction === 'upgrade' ? [end] : (pending.find(({ revision }) => revision === end)?.down ?? []);
    };
    const settled = async (...sides: Side[]) => {
      await writers.pause();
      expect(writers.errors).toEqual([]);
      for (const side of sides) expect(await project.query(difference(side.read))).toEqual([]);
    };
    writers.go();
    const forth = async () => {
      await phase('upgrade', 'expand');
      await settled(...(of('expand').length && each.intent !== 'add-index' ? [old] : []));
      await writers.use(each.byFilled ? [old] : both);
      await fill(project, written, 'backfill');
      await settled(old, next);
      await writers.use(both);
      await phase('upgrade', 'constrain');
      await settled(old, next);
      await writers.use([each.intent === 'change-type' ? old : next]);
      await phase('upgrade', 'contract');
      await settled(last);
      await writers.use([last]);
    };
    await forth();
    expect(await schemaOf(project)).not.toEqual(before);
    await phase('downgrade', 'contract');
    await settled(last, old);
    await writers.use(both);
    await phase('downgrade', 'constrain');
    await settled(old, next);
    if (each.beforeBack) await project.query(each.beforeBack);
    await writers.use([old]);
    await phase('downgrade', 'expand');
    await settled(old);
    expect(await schemaOf(project)).toEqual(before);
    await writers.use([old]);
    await forth();
    await writers.pause();
    expect(writers.errors).toEqual([]);
    expect(writers.changes).toBeGreaterThan(100);
  },
  600_000,
);

/** As a backfill would, all at once. */
async function fill(
  project: TestProject,
  { fills, folder }: WrittenPhases,
  kind: 'backfill' | 'back',
): Promise<void> {
  for (const { file } of fills.filter((each) => each.kind === kind)) {
    const { table, set, where, verify } = parseYaml(readFileSync(join(folder, file), 'utf8')) as {
      table: string;
      set: Record<string, string>;
      where: string;
      verify: string;
    };
    const sets = Object.entries(set).map(([column, value]) => `${column} = ${value}`);
    await project.query(`UPDATE ${table} SET ${sets.join(', ')} WHERE ${where}`);
    expect(await project.query(`SELECT FROM ${table} WHERE NOT (${verify})`)).toEqual([]);
  }
}

const schemaOf = (project: TestProject) =>
  withClient(project.url, application, (client) => fingerprint(client).then(({ lines }) => lines));
