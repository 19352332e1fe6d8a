import { leftOver } from '../support/kills-check.js';
import { inServer, REVISION } from '../support/kills-project.js';
import { Scene } from '../support/kills.js';
import { until } from '../support/project.js';
import { patience } from '../support/kills-sample.js';

/** A deploy whose verification fails, and whose undo fails because somebody built on what it had added. */
async function inRepair(): Promise<{ scene: Scene; code: number | null; out: string }> {
  const scene = await Scene.make({ hold: 'verify', fails: 'verify' });
  const deploy = scene.deploy();
  await scene.reached(30_000);
  expect(await scene.cli('retry')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing waits for this: no undo has failed'),
  });
  await scene.query('create view in_the_way as select * from coupons');
  await scene.release();
  const { code, out } = await deploy;
  return { scene, code, out };
}

const outcomeIs = (scene: Scene, outcome: string): Promise<void> =>
  until(
    async () => (await scene.cli('status', '--json')).out.includes(`"outcome": "${outcome}"`),
    20_000,
    outcome,
    500,
  );

describe('a run whose undo fails', () => {
  it.concurrent(
    'waits for a person, says what to do, and undoes the rest when told to try again',
    async () => {
      const { scene, code, out } = await inRepair();
      try {
        expect(code).toBe(4);
        expect(out).toMatch(/failed +verify.*failed +put the schema back/s);
        expect(out).toContain('cannot drop table coupons because other objects depend on it');
        expect(out).toContain('left to undo: put the schema back');
        expect(out).toContain(`lockkeeper retry ${scene.project.target}`);

        expect((await scene.cli('retry')).code).toBe(0);
        await outcomeIs(scene, 'repair');
        const malformed = await scene.project.temporal([
          ...['workflow', 'update', 'execute', '--workflow-id', scene.project.workflowId],
          ...['--name', 'retry', '--input', '"please"'],
        ]);
        expect(malformed.code).not.toBe(0);
        expect(malformed.err + malformed.out).toContain('this takes one JSON object');

        await scene.query('drop view in_the_way');
        expect((await scene.cli('retry', '--note', 'dropped the view')).code).toBe(0);
        const record = await scene.ended(60_000);
        expect(record.outcome).toBe('undone');
        expect(record.facts.filter(({ kind }) => kind === 'said' || kind === 'refused')).toMatchObject([
          { kind: 'refused', message: 'retry', by: 'ana@example.com' },
          { kind: 'said', message: 'retry' },
          { kind: 'said', message: 'retry', note: 'dropped the view' },
        ]);
        expect(await scene.schema()).toBe(scene.before);
        expect(await leftOver(scene)).toEqual([]);
      } finally {
        await scene.close();
      }
    },
    120_000 * patience,
  );

  it.concurrent(
    'ends where it is when a person stops it, and cancelling does not',
    async () => {
      const { scene } = await inRepair();
      try {
        await scene.cli('cancel');
        await outcomeIs(scene, 'repair');
        const { out } = await scene.cli('report', '--json');
        expect(JSON.parse(out)).toMatchObject({ outcome: 'repair' });
        expect((await scene.cli('stop', '--note', 'the view stays')).code).toBe(0);
        const record = await scene.ended(60_000);
        expect(record.outcome).toBe('needs operator');
        expect((await scene.cli('report')).out).toContain(
          'ana@example.com said stop (update): the view stays',
        );
        expect((await scene.cli('stop')).err).toContain(`nothing runs for ${scene.project.target}`);
        expect(await leftOver(scene)).toEqual([]);
      } finally {
        await scene.close();
      }
    },
    120_000 * patience,
  );

  it.concurrent(
    'says what is left of a migration that was killed and does not run in one transaction',
    async () => {
      const up = `with op.get_context().autocommit_block():
        op.add_column("orders", sa.Column("gift_note", sa.Text()))
    ${inServer('migrate: a statement')}
    op.create_table("coupons", sa.Column("code", sa.Text(), primary_key=True))`;
      const scene = await Scene.make({ hold: 'migrate: a statement', revision: { ...REVISION, up } });
      try {
        const gate = await scene.deploy();
        const plan = /--plan ([0-9a-f]{12})/.exec(gate.out)?.[1] ?? gate.out + gate.err;
        const bo = { LOCKKEEPER_USER: 'bo@example.com' };
        const { target } = scene.project;
        const approved = await scene.project.cli(['approve', target, '--plan', plan], { env: bo });
        expect(approved.err).toBe('');
        const watch = scene.cli('status', '--watch');
        await scene.reached(30_000);
        await scene.kill("Lockkeeper's only Python");
        const { code, out } = await watch;
        expect(code).toBe(4);
        expect(out).toContain('an answer was lost; the database is at 0001_first (between)');
        expect(out).toContain('the schema is not as it was before the migration');
        expect(out).toMatch(/left over: .*gift_note/);

        await scene.query('alter table orders drop column gift_note');
        expect((await scene.cli('retry')).code).toBe(0);
        expect((await scene.ended(60_000)).outcome).toBe('undone');
        expect(await scene.schema()).toBe(scene.before);
        expect(await leftOver(scene)).toEqual([]);
      } finally {
        await scene.close();
      }
    },
    120_000 * patience,
  );
});
