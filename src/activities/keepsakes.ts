import type { CopyOptions } from '../adapters/keepsakes/bulk.js';
import { keep, keepRest } from '../adapters/keepsakes/copy.js';
import { dropKeepsake } from '../adapters/keepsakes/drop.js';
import { putBack, type PutBack } from '../adapters/keepsakes/put-back.js';
import { keepsakesIn } from '../adapters/keepsakes/registry.js';
import { lockHolder, tryAdvisoryLock } from '../adapters/postgres/advisory-lock.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import { keepsakeId, type Keepsake } from '../domain/keepsake.js';
import type { Plan } from '../domain/plan.js';
import { lockHeld } from '../domain/problems/alembic-run.js';
import { noKeepsake } from '../domain/problems/keepsakes.js';
import type { Noted, RunInput, StepInput, Undone } from '../domain/steps.js';
import { bytes, count } from '../domain/units.js';
import type { Home, Target } from './home.js';
import { readPlan } from './plans.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** Longest wait for an orphan of an earlier attempt, in milliseconds. */
const LOCK_WAIT_MS = 15_000;

export interface KeepInput extends StepInput {
  /** Who asked for the run. */
  owner: string;
}

/**
 * Keeps what the plan is going to take, while the site is open: all but what changes since.
 *
 * @throws Problem `cannot-keep`, `keepsake-locked`, `keepsake-moved`, `lock-held`
 */
export async function keepWhatGoes(home: Home, input: KeepInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const planned = plannedOf(plan);
  const all = await withKeepsakes(target, input.runId, work, async (client, options) => {
    for (const [at, each] of planned.entries())
      await keep(
        client,
        { ...madeBy(target, input), id: keepsakeId(input.runId, at), planned: each },
        options,
      );
    return keepsakesIn(client, { runId: input.runId });
  });
  const rows = all.reduce((sum, each) => sum + (each.rows ?? 0), 0);
  const size = all.reduce((sum, each) => sum + each.bytes, 0);
  const lost = (plan.keepsakes ?? []).length - planned.length;
  const not = lost > 0 ? `; ${lost} NOT kept: only a restore brings that back` : '';
  return {
    note: `${count(all.length, 'keepsake')}, ${rows.toLocaleString('en-US')} rows, ${bytes(size)}${not}`,
  };
}

const plannedOf = ({ keepsakes = [] }: Plan) => keepsakes.filter(({ how }) => how !== 'not kept');

const madeBy = ({ name, settings }: Target, { runId, planHash, owner }: KeepInput) => ({
  ...{ target: name, runId, planHash, owner },
  days: settings.keepsakes.days,
});

/**
 * The rest, while nobody writes. All that the plan keeps must be there still: what is migrated next takes it.
 *
 * @throws Problem `no-keepsake`, `keepsake-locked`, `lock-held`
 */
export async function keepTheRest(
  home: Home,
  { target: name, runId, planHash }: StepInput,
  work: Work,
): Promise<Noted> {
  const target = home.target(name);
  const plan = await readPlan(target.config.state, planHash);
  const all = await withKeepsakes(target, runId, work, async (client, options) => {
    assertAll(await keepsakesIn(client, { runId }), plan, name);
    for (const each of await keepsakesIn(client, { runId })) await keepRest(client, each, options);
    return keepsakesIn(client, { runId });
  });
  return { note: `${count(all.length, 'keepsake')} complete` };
}

/** Before a migration that is done again, or in a procedure without keepsakes: what would be dropped has a place to go. */
export async function expectMoves(target: Target, plan: Plan, input: KeepInput, work: Work): Promise<void> {
  const moved = (plan.keepsakes ?? []).filter(({ how }) => how === 'moved');
  if (moved.length === 0) return;
  await withKeepsakes(target, input.runId, work, async (client, options) => {
    for (const planned of moved) {
      const id = keepsakeId(input.runId, plannedOf(plan).indexOf(planned));
      await keep(client, { ...madeBy(target, input), id, planned }, options);
      const [made] = await keepsakesIn(client, { id });
      if (made) await keepRest(client, made, options);
    }
  });
}

/**
 * Puts back what the plan took, after its downgrade.
 *
 * @throws Problem `no-keepsake`, `keepsake-moved`, `cannot-keep`, `lock-held`
 */
export async function putKeepsakesBack(home: Home, input: StepInput, work: Work): Promise<Undone> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const came = await withKeepsakes(target, input.runId, work, async (client, options) => {
    const all = lastOfPlan(await keepsakesIn(client, { planHash: input.planHash }), plan, input);
    // Rows that others refer to come first.
    const order = [...all].sort((a, b) => Number(b.planned.rows) - Number(a.planned.rows));
    const done: PutBack[] = [];
    for (const each of order) done.push(await putBack(client, each, options));
    return done;
  });
  return { note: came.map(putBackText).join('; ') || 'nothing was kept' };
}

const putBackText = ({ table, rows, withoutParent }: PutBack): string => {
  const lost = withoutParent > 0 ? `, ${count(withoutParent, 'row')} not: they refer to what is gone` : '';
  return `${table}: ${count(rows, 'row')} put back${lost}`;
};

/** The keepsakes of the run itself, else of the last run of the plan. @throws Problem `no-keepsake` */
function lastOfPlan(all: readonly Keepsake[], plan: Plan, { runId, target }: RunInput): Keepsake[] {
  const own = all.filter((each) => each.runId === runId && each.state !== 'put back');
  const last = all.at(-1);
  const found = own.length > 0 ? own : all.filter((each) => each.runId === last?.runId);
  assertAll(found, plan, target);
  return found;
}

/** @throws Problem `no-keepsake` */
function assertAll(found: readonly Keepsake[], plan: Plan, target: string): void {
  const missing = plannedOf(plan).find(({ table }) => !found.some(({ planned }) => planned.table === table));
  if (missing) throw noKeepsake(`of ${missing.table}`, `none was made, or it was dropped: ${target}`);
}

/**
 * What keeps the plan's keepsakes from going back, in words; empty where nothing does. Changes nothing.
 */
export async function whyNotBack(target: Target, plan: Plan, input: RunInput, work: Work): Promise<string[]> {
  const lost = (plan.keepsakes ?? []).filter(({ how }) => how === 'not kept');
  if (!plan.keepsakes) return ['nothing of it was kept'];
  if (lost.length > 0) return lost.map(({ table, why = '' }) => `${table} was not kept: ${why}`);
  const options = { applicationName: sessionName(target.name, 'look'), signal: work.signal };
  const all = await withClient(target.url(), options, (client) =>
    keepsakesIn(client, { planHash: plan.planHash }),
  );
  const last = all.filter(({ runId }) => runId === all.at(-1)?.runId);
  return plannedOf(plan).flatMap(({ table }) => {
    const found = last.find(({ planned }) => planned.table === table);
    if (!found) return [`the keepsake of ${table} is gone`];
    if (found.broken !== undefined) return [`the keepsake of ${table} cannot be trusted: ${found.broken}`];
    if (found.state === 'put back') return [`the keepsake of ${table} was put back before`];
    return found.state === 'copying' || found.state === 'copied'
      ? [`the keepsake of ${table} is not whole`]
      : [];
  });
}

/** Drops what a run has kept and what nobody needs: all is as before. */
export async function letKeepsakesGo(
  home: Home,
  { target: name, runId }: RunInput,
  work: Work,
): Promise<Undone> {
  const target = home.target(name);
  const gone = await withKeepsakes(target, runId, work, async (client, options) => {
    const all = await keepsakesIn(client, { runId });
    for (const each of all) await dropKeepsake(client, each, options);
    return all.length;
  });
  return { note: `${count(gone, 'keepsake')} dropped` };
}

/** One session that holds the lock of whoever changes this database: an orphan that still copies must be gone. */
export async function withKeepsakes<T>(
  target: Target,
  runId: string,
  { signal, progress }: Work,
  work: (client: Client, options: CopyOptions) => Promise<T>,
): Promise<T> {
  const applicationName = sessionName(target.name, 'keepsakes', runId);
  const { lockTimeoutMs, waitMinutes } = target.settings.alembic;
  return withClient(target.url(), { applicationName, signal }, async (client) => {
    if (!(await tryAdvisoryLock(client, { waitMs: LOCK_WAIT_MS, signal })))
      throw lockHeld(await heldBy(client));
    return work(client, { attemptMs: lockTimeoutMs, waitMs: waitMinutes * 60_000, signal, progress });
  });
}

async function heldBy(client: Client) {
  const holder = await lockHolder(client);
  return holder ? { ...holder, user: null, since: null } : null;
}
