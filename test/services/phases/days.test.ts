import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { phasesIdOf } from '../../../src/domain/phases/request.js';
import { phaseNames, type PhaseName } from '../../../src/domain/phases/settings.js';
import type { PhasesStatus } from '../../../src/domain/phases/status.js';
import { clockServer, type ClockServer } from '../../support/clock-server.js';
import { until } from '../../support/project.js';

const DAY = 86_400_000;
const PROOF_EVERY_MS = 600_000;
const TASK_QUEUE = 'days';
const ana = { by: 'ana@example.com' };

let clock: ClockServer;
let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('../../support/phases-alone.ts', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  clock = await clockServer();
}, 180_000);
afterAll(() => clock?.stop());

/** What the steps of a change were asked for. */
class Seen {
  readonly ran: string[] = [];
  readonly told: string[] = [];
  readonly kept: PhasesStatus[] = [];
  /** Whether old code is left. */
  left = false;

  constructor(readonly waits: Partial<Record<PhaseName, { days: number; ask?: true }>>) {}

  #begun() {
    const phases = phaseNames.map((phase) => {
      const { days = 0, ask = false } = this.waits[phase] ?? {};
      return { phase, release: null, afterMs: days * DAY, ask, expected: true };
    });
    const fills = [{ name: 'note', settings: { table: 'orders', set: { note: 'remark' } } }];
    const lines = phaseNames.map((phase) => ({ phase, state: 'to do', says: '' }));
    return { plan: { phases, fills, proofEveryMs: PROOF_EVERY_MS }, lines, notes: [], plans: [], runs: [] };
  }

  #proof() {
    const says = 'process 4711 (gunicorn) runs from the folder of r1';
    const evidence = this.left ? [{ source: 'processes', says, holds: false }] : [];
    return { holds: !this.left, evidence, missing: [] };
  }

  readonly activities = {
    ran: async (what: string) => void this.ran.push(what),
    beginPhases: async () => this.#begun(),
    lookAtPhase: async () => ({ release: 'r2', running: 'r2', revisions: 1, found: [] }),
    noteStatements: async () => ({ note: 'noted' }),
    proveNoOldCode: async () => this.#proof(),
    keepPhases: async ({ status }: { status: PhasesStatus }) => {
      this.kept.push(status);
      return null;
    },
    notify: async ({ text }: { text: string }) => {
      this.told.push(text);
      return { note: 'told' };
    },
  };
}

/** While there is a worker; then it is gone, with its connection, and the next one begins with the history. */
async function whileAWorkerIsThere<T>({ activities }: Seen, act: () => Promise<T>): Promise<T> {
  const connection = await NativeConnection.connect({ address: clock.address });
  const worker = await Worker.create({
    ...{ connection, namespace: 'default', taskQueue: TASK_QUEUE },
    ...{ workflowBundle, activities, maxCachedWorkflows: 0 },
  });
  return worker.runUntil(act).finally(() => connection.close());
}

const start = (change: string): Promise<WorkflowHandle> =>
  clock.env.client.workflow.start('phases', {
    ...{ taskQueue: TASK_QUEUE, workflowId: phasesIdOf('shop', change) },
    args: [{ target: 'shop', change, requestedBy: ana.by }],
  });
const statusOf = (handle: WorkflowHandle) => handle.query<PhasesStatus>('status');

/**
 * With no worker, so many days go by, and a little more. Once a timer has run out the server's clock goes on as every clock does,
 * until a worker has taken what came of it.
 */
const goBy = (days: number): Promise<void> => clock.env.sleep(days * DAY + 1_500);

/** Until it waits before this phase. */
async function waitsBefore(handle: WorkflowHandle, phase: PhaseName): Promise<PhasesStatus> {
  let now = await statusOf(handle);
  const waits = async () => {
    now = await statusOf(handle);
    return now.state === 'waits' && now.phase === phase;
  };
  await until(waits, 60_000, `the wait before ${phase}`, 200);
  return now;
}

const endOf = ({ lines }: PhasesStatus, phase: PhaseName): number =>
  Date.parse(lines.find((line) => line.phase === phase)?.ended ?? '');

it('a worker that is away while days run out: the next one goes on, nothing is done twice, and the next days count from then', async () => {
  const seen = new Seen({ constrain: { days: 2 }, contract: { days: 7 } });
  const handle = await whileAWorkerIsThere(seen, async () => {
    const begun = await start('away');
    const { until: goesOn, ...now } = await waitsBefore(begun, 'constrain');
    expect(Date.parse(goesOn ?? '') - endOf(now as PhasesStatus, 'backfill')).toBe(2 * DAY);
    return begun;
  });
  expect(seen.ran).toEqual(['expand of away', 'deploy', 'backfill note']);
  await goBy(2);
  expect(seen.ran).toHaveLength(3);

  const later = await whileAWorkerIsThere(seen, () => waitsBefore(handle, 'contract'));
  expect(endOf(later, 'constrain') - endOf(later, 'backfill')).toBeGreaterThanOrEqual(2 * DAY + 1_500);
  expect(Date.parse(later.until ?? '') - endOf(later, 'constrain')).toBe(7 * DAY);

  await goBy(1);
  await whileAWorkerIsThere(seen, async () => {
    const { until: same, state } = await statusOf(handle);
    expect([state, same]).toEqual(['waits', later.until]);
    const early = handle.executeUpdate('go', { args: [ana] });
    await expect(early).rejects.toMatchObject({
      cause: { message: expect.stringContaining(`contract waits until ${later.until}`) },
    });
    expect(await handle.result()).toMatchObject({ outcome: 'done' });
  });
  const all = ['expand of away', 'deploy', 'backfill note', 'constrain of away', 'contract of away'];
  expect(seen.ran).toEqual(all);
  expect(seen.told).toEqual(['shop: away: done: all phases are done']);
  expect(seen.kept.map(({ lines }) => lines.filter(({ state }) => state === 'done').length)).toEqual([
    1, 2, 3, 4, 5, 5,
  ]);
}, 400_000);

it('what is said while no worker is there holds when one is back, also where the time had run out before', async () => {
  const seen = new Seen({ constrain: { days: 2 } });
  const handle = await whileAWorkerIsThere(seen, async () => {
    const begun = await start('paused');
    await waitsBefore(begun, 'constrain');
    return begun;
  });
  await goBy(2);
  await handle.signal('pause', ana);
  await whileAWorkerIsThere(seen, async () => {
    await until(async () => (await statusOf(handle)).state === 'paused', 60_000, 'the pause', 200);
    expect(seen.ran).not.toContain('constrain of paused');
    await handle.signal('resume', ana);
    expect(await handle.result()).toMatchObject({ outcome: 'done' });
  });
  expect(seen.ran.filter((what) => what === 'constrain of paused')).toHaveLength(1);
}, 400_000);

it('people are asked once, however often the worker goes; old code that is left keeps contract waiting for days, by name', async () => {
  const seen = new Seen({ contract: { days: 7, ask: true } });
  seen.left = true;
  const handle = await whileAWorkerIsThere(seen, async () => {
    const begun = await start('asked');
    await waitsBefore(begun, 'contract');
    return begun;
  });
  await goBy(7);
  const isAsked = async () => (await statusOf(handle)).says.includes("waits for a person's go");
  await whileAWorkerIsThere(seen, () => until(isAsked, 60_000, 'the question', 200));
  await goBy(1);
  await whileAWorkerIsThere(seen, async () => {
    await handle.signal('go', ana);
    const isNamed = async () => (await statusOf(handle)).says.includes('process 4711 (gunicorn)');
    await until(isNamed, 60_000, 'the name of the old process', 200);
  });
  await goBy(PROOF_EVERY_MS / DAY);
  seen.left = false;
  await whileAWorkerIsThere(seen, async () => {
    expect(await handle.result()).toMatchObject({ outcome: 'done' });
  });
  expect(seen.told).toEqual([
    expect.stringMatching(/^shop: asked: contract waits for a person's go: lockkeeper phases go shop asked$/),
    expect.stringMatching(/contract waits until no old code is left: process 4711 \(gunicorn\)/),
    'shop: asked: done: all phases are done',
  ]);
  expect(seen.ran.at(-1)).toBe('contract of asked');
  expect(seen.ran).toHaveLength(5);
}, 400_000);
