import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newPhases } from '../../../src/activities/phases-new.js';
import type { BridgeEvent } from '../../../src/adapters/alembic/events.js';
import { sample, seed } from '../../support/kills-sample.js';
import { cases } from './cases.js';
import { definitionsOf, fillAs } from './filling.js';
import { Phases, targetOf, work } from './migrating.js';
import { start, wantedOf } from './started.js';
import { difference, Writers } from './writers.js';

const ROWS = 300;
const WRITERS = 2;

/** Those whose old column comes back empty, to be filled from the new one. */
const chosen = sample(
  cases.filter(({ intent }) =>
    ['rename-column', 'change-type', 'split-column', 'merge-columns'].includes(intent),
  ),
  1,
);

it.each(chosen.map((each) => [each.name, each] as const))(
  '%s: back from contract in batches by its .back.yaml, under writers: nothing is left for its downgrade to fill',
  async (_, each) => {
    const project = await start(each.schema);
    const target = await targetOf(project);
    const asked = { intent: each.intent, wanted: wantedOf(each.wanted), change: 'the-change' };
    const written = await newPhases(target, { ...asked, release: 'r2', dry: false }, work);
    const phases = await Phases.of(target);
    await phases.run('upgrade', 'expand');
    await fillAs('backfill', written, project.url);
    await phases.run('upgrade', 'constrain');
    await phases.run('upgrade', 'contract');

    const { old, next, last = next } = each;
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => project.connect()));
    const writers = new Writers(clients, [last], each.value, seed, ROWS);
    writers.go();
    const contract = phases.of('contract');
    const fileOf = (id: string) => phases.plan.revisions.find(({ revision }) => revision === id)!.file;
    const says = (id: string) =>
      readFileSync(join(written.folder, fileOf(id)), 'utf8').includes('.back.yaml');
    const stop = contract.findLastIndex(says);
    expect(stop).toBeGreaterThanOrEqual(0);
    await phases.back(contract.slice(stop + 1), () => undefined);
    const left = async () => {
      const tables = definitionsOf(written, 'back').map(({ table, where }) =>
        project.query(`SELECT FROM ${table} WHERE ${where} LIMIT 1`),
      );
      return (await Promise.all(tables)).flat().length;
    };
    expect(await left()).toBeGreaterThan(0);
    const filled = await fillAs('back', written, project.url);
    expect(filled.reduce((sum, { changed }) => sum + changed, 0)).toBeGreaterThan(0);
    expect(await left()).toBe(0);

    const updates: (number | null)[] = [];
    const onEvent = (event: BridgeEvent) => {
      if (event.event === 'statement' && /^UPDATE (?!alembic_version)/.test(event.sql))
        updates.push(event.rows);
    };
    await phases.back(contract.slice(0, stop + 1), onEvent);
    expect(updates).toEqual(definitionsOf(written, 'back').map(() => 0));
    await writers.pause();
    expect(writers.errors).toEqual([]);
    expect(writers.changes).toBeGreaterThan(0);
    for (const { read } of [last, old]) expect(await project.query(difference(read))).toEqual([]);
  },
  300_000,
);
