import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgeEvent } from '../../../src/adapters/alembic/events.js';
import { migrate, type Start } from '../../../src/adapters/alembic/migrate.js';
import { testProject, type Revision, type TestProject } from './project.js';

const r1: Revision = {
  id: 'r1',
  up: "op.create_table('a', sa.Column('id', sa.Integer))",
  back: "op.drop_table('a')",
};
const NAME = 'lockkeeper ahead';

/** Starts the bridge, and waits until it says that it is ready. */
async function started(shop: TestProject, signal?: AbortSignal) {
  let begin: (start: Start) => void = () => undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const start = new Promise<Start>((resolve, reject) => ([begin, giveUp] = [resolve, reject]));
  const events: BridgeEvent[] = [];
  let pid = 0;
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const running = migrate(shop.alembic, {
    direction: 'upgrade',
    revisions: ['r1'],
    applicationName: NAME,
    lockTimeoutMs: 300,
    lockWaitMs: 0,
    start,
    onEvent: (event) => (events.push(event), event.event === 'hello' && isReady()),
    onStart: (it) => (pid = it),
    ...(signal ? { signal } : {}),
  });
  await ready;
  return { running, begin, giveUp, events, pid };
}

const isGone = (pid: number) => expect(() => process.kill(pid, 0)).toThrow('ESRCH');
const sessions = (shop: TestProject) =>
  shop.query(`select pid from pg_stat_activity where application_name = '${NAME}'`);
const table = async (shop: TestProject) => (await shop.query("select to_regclass('a')::text as t"))[0];

describe('a bridge that is started ahead', () => {
  it('touches nothing before it is told where to begin, and then runs', async () => {
    // The project is read when it is told: a file that comes meanwhile counts.
    const shop = await testProject([{ ...r1, up: 'raise Exception("read too early")' }]);
    const { running, begin, events, pid } = await started(shop);
    await sleep(300);
    expect(events.map(({ event }) => event)).toEqual(['hello']);
    expect(await sessions(shop)).toEqual([]);
    shop.add(r1);
    begin({ expectFrom: [] });
    expect(await running).toMatchObject({ revisions: ['r1'] });
    expect(await table(shop)).toEqual({ t: 'a' });
    isGone(pid);
  });

  it('refuses a database that stands elsewhere than it is told', async () => {
    const shop = await testProject([r1]);
    const { running, begin, pid } = await started(shop);
    begin({ expectFrom: ['r0'] });
    await expect(running).rejects.toMatchObject({ code: 'alembic-moved-on' });
    isGone(pid);
  });

  it('is ended when it is not needed, or its work is cancelled', async () => {
    const shop = await testProject([r1]);
    const idle = await started(shop);
    idle.giveUp(new Error('not needed'));
    await expect(idle.running).rejects.toThrow('not needed');
    const stop = new AbortController();
    const cancelled = await started(shop, stop.signal);
    stop.abort(new Error('cancelled'));
    await expect(cancelled.running).rejects.toThrow('cancelled');
    [idle.pid, cancelled.pid].forEach(isGone);
    expect(await table(shop)).toEqual({ t: null });
  });

  it('ends by itself when the worker is gone', async () => {
    const shop = await testProject([r1]);
    const bridge = readFileSync('src/adapters/alembic/bridge.py', 'utf8');
    const [python = ''] = shop.alembic.python;
    const ended = (() => {
      try {
        const options = { cwd: shop.folder, input: '', timeout: 20_000, encoding: 'utf8' } as const;
        return execFileSync(python, ['-c', bridge, 'n', 'upgrade', '-'], options);
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    })();
    expect(ended).toMatch(
      /"event": "hello"[^\n]*\n@lk:n [^\n]*"kind": "aborted", "words": "the worker is gone"/,
    );
  });
});
