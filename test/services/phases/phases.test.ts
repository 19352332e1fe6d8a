import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newPhases, type WrittenPhases } from '../../../src/activities/phases-new.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { fingerprint } from '../../../src/adapters/postgres/fingerprint.js';
import { backfillOf, backfillSettings } from '../../../src/config/backfill.js';
import { risks } from '../../../src/domain/risk.js';
import { sample, seed } from '../../support/kills-sample.js';
import type { TestProject } from '../alembic/project.js';
import { cases } from './cases.js';
import { Phases, targetOf, work } from './migrating.js';
import { start, wantedOf } from './started.js';
import { difference, Writers, type Side } from './writers.js';

const ROWS = 300;
const WRITERS = 3;
const application = { applicationName: 'test' };

/** What contract is made of: the old side goes, and what kept both in step. All of it is told before, and agreed to. */
const OF_CONTRACT = [
  ...['column-dropped', 'table-dropped', 'column-renamed', 'table-renamed', 'default-dropped'],
  ...['trigger-switched-off', 'function-changed', 'primary-key-dropped'],
];

/** What `lockkeeper check` says above medium, where it is no part of the phase's meaning. */
const graveFindings = ({ plan, phases }: Phases): string[] =>
  plan.findings
    .filter(
      ({ risk, rule, revision }) =>
        risks.indexOf(risk) > risks.indexOf('medium') &&
        !(phases.get(revision ?? '') === 'contract' && OF_CONTRACT.includes(rule)),
    )
    .map(({ rule, message, revision }) => `${revision} ${rule}: ${message}`);

const chosen = sample(cases, 1);

it.each(chosen.map((each) => [each.name, each] as const))(
  '%s: forward, back and forward, nothing lost',
  async (_, each) => {
    const project = await start(each.schema);
    const before = await schemaOf(project);
    const target = await targetOf(project);
    const asked = { intent: each.intent, wanted: wantedOf(each.wanted), change: 'the-change' };
    const written = await newPhases(target, { ...asked, release: 'r2', dry: false }, work);
    const phases = await Phases.of(target);
    expect([...phases.phases.values()]).not.toContain(undefined);
    expect(graveFindings(phases)).toEqual([]);
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => project.connect()));
    const writers = new Writers(clients, [each.old], each.value, seed, ROWS);
    const { old, next, last = next } = each;
    const both = [old, next];
    const settled = async (...sides: Side[]) => {
      await writers.pause();
      expect(writers.errors).toEqual([]);
      for (const side of sides) expect(await project.query(difference(side.read))).toEqual([]);
    };
    writers.go();
    const forth = async () => {
      await phases.run('upgrade', 'expand');
      await settled(...(phases.has('expand') && each.intent !== 'add-index' ? [old] : []));
      for (const sql of each.aside ?? []) await project.query(sql);
      await writers.use(each.byFilled ? [old] : both);
      await fill(project, written);
      await settled(old, next);
      await writers.use(both);
      await phases.run('upgrade', 'constrain');
      await settled(old, next);
      await writers.use([each.intent === 'change-type' ? old : next]);
      await phases.run('upgrade', 'contract');
      await settled(last);
      await writers.use([last]);
    };
    await forth();
    expect(await schemaOf(project)).not.toEqual(before);
    await phases.run('downgrade', 'contract');
    await settled(last, old);
    await writers.use(both);
    await phases.run('downgrade', 'constrain');
    await settled(old, next);
    if (each.beforeBack) await project.query(each.beforeBack);
    await writers.use([old]);
    await phases.run('downgrade', 'expand');
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

/** As a backfill does: in small batches that let go of rows which others hold. */
async function fill(project: TestProject, { fills, folder }: WrittenPhases): Promise<void> {
  const client = await project.connect();
  await client.query("SET lock_timeout = '100ms'");
  for (const { file } of fills.filter(({ kind }) => kind === 'backfill')) {
    const path = join(folder, file);
    const { table, set, where, verify } = backfillOf(
      backfillSettings(readFileSync(path, 'utf8'), path),
      path,
    );
    const sets = Object.entries(set).map(
      ([column, value]) => `${client.escapeIdentifier(column)} = ${value}`,
    );
    const batch = `UPDATE ${table} SET ${sets.join(', ')} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${where} LIMIT 20)`;
    for (let left = 1; left > 0;) left = (await client.query(batch).catch(unlessLocked)).rowCount ?? 1;
    expect(await project.query(`SELECT FROM ${table} WHERE NOT (${verify})`)).toEqual([]);
  }
}

const unlessLocked = (error: unknown) => {
  if ((error as { code?: string }).code !== '55P03') throw error;
  return { rowCount: null };
};

const schemaOf = (project: TestProject) =>
  withClient(project.url, application, (client) => fingerprint(client).then(({ lines }) => lines));
