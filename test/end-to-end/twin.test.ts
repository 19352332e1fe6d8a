import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../src/adapters/postgres/client.js';
import { Site } from '../services/closure/site.js';
import type { Revision } from '../support/alembic-files.js';
import { sample, whole } from '../support/kills-sample.js';
import { Project, type Ran } from '../support/project.js';
import { twinDifference, TwinShop, twinTables } from '../support/twin-shop.js';

/** Rows of the table, transactions a second, and for how many seconds they go on before the way back. */
const ROWS = Number(process.env.LOCKKEEPER_ROWS ?? (whole ? 200_000 : 10_000));
const TPS = Number(process.env.LOCKKEEPER_TPS ?? (whole ? 200 : 50));
const SECONDS = Number(process.env.LOCKKEEPER_SECONDS ?? (whole ? 20 : 2));
const MS = 240_000 + ROWS * 2;

/** All of very high risk, and brought back by a rollback with its keepsakes. */
const taken: Record<string, Revision> = {
  'a column that is dropped': {
    id: '0002_no_note',
    up: `op.drop_column("items", "note")`,
    down: `op.add_column("items", sa.Column("note", sa.Text()))`,
  },
  'a table that is dropped': {
    id: '0002_no_items',
    up: `op.drop_table("items")`,
    down: `op.create_table("items", sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text()), sa.Column("note", sa.Text()), sa.Column("price", sa.Numeric(10, 2)))`,
  },
  'a column whose values become others': {
    id: '0002_upper_notes',
    up: `op.execute("update items set note = upper(note)")`,
    down: `op.execute("update items set note = lower(note)")`,
  },
};

describe(`${ROWS} rows under ${TPS} transactions a second, ${SECONDS} s from the way forward to the way back`, () => {
  it.each(sample(Object.keys(taken), 1))(
    '%s: a rollback brings back all old values, and keeps all that was written since',
    async (what) => {
      const site = await Site.open();
      const project = await Project.make({ releases: { r2: [taken[what]!] } });
      let shop: TwinShop | undefined;
      try {
        await site.serve(site.snippet({ target: project.target }));
        await project.configure(settingsFor(project, site));
        await here(project, (client) => client.query(twinTables(ROWS)));
        await project.worker();
        shop = new TwinShop({ url: project.url, flag: site.flag, rows: ROWS, rate: TPS });
        await sleep(500);
        await approved(project, ['deploy', project.target, '--release', 'r2', '--auto-migrate']);
        const before = shop.writes;
        const began = performance.now();
        await sleep(SECONDS * 1000);
        const [meanwhile, seconds] = [shop.writes - before, (performance.now() - began) / 1000];
        await approved(project, ['rollback', project.target]);
        await sleep(500);
        await shop.stop();
        const { writes, cutOff } = shop;
        process.stderr.write(
          `${what}: ${writes} transactions, ${Math.round(meanwhile / seconds)} a second between, ${cutOff} cut off; ${await putBack(project)}\n`,
        );
        expect(meanwhile).toBeGreaterThan(0.8 * TPS * SECONDS);
        expect(await here(project, twinDifference)).toEqual({ items: 0, events: 0 });
        expect(await old(project)).toBeGreaterThan(ROWS / 2);
      } finally {
        await shop?.stop();
        await project.close();
        await site.close();
      }
    },
    MS * 2,
  );
});

const here = <T>(project: Project, work: Parameters<typeof withClient<T>>[2]): Promise<T> =>
  withClient(project.url, { applicationName: 'test' }, work);

const settingsFor = ({ servers: { tools } }: Project, { flag, url }: Site) => ({
  closure: { flag, url, waitSeconds: 10 },
  health: undefined,
  verify: [],
  rehearsal: { where: 'server' },
  backup: { tools: tools.pgBin },
});

/** Rows that have the value with which they began. */
const old = (project: Project): Promise<number> =>
  here(project, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM items WHERE note = 'Note ' || id`,
    );
    return rows[0]!.n;
  });

const putBack = async (project: Project): Promise<string> => {
  const record = await project.record();
  const fact = record.facts.find((each) => each.kind === 'finished' && each.step === 'put keepsakes back');
  return JSON.stringify(fact);
};

/** Started, approved by two, and watched to its good end. */
async function approved(project: Project, args: readonly string[]): Promise<void> {
  const started: Ran = await project.cli(args, { ms: MS });
  if (started.code !== 3) throw new Error(`${started.out}${started.err}`);
  const plan = /lockkeeper approve \S+ --plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? 'none';
  for (const by of ['bo@example.com', 'cy@example.com'])
    await project.cli(['approve', project.target, '--plan', plan], { env: { LOCKKEEPER_USER: by } });
  const watched = await project.cli(['status', project.target, '--watch'], { ms: MS });
  if (watched.code !== 0) throw new Error(`${watched.out}${watched.err}`);
}
