import { backUp } from '../../../src/activities/back-up.js';
import { restore } from '../../../src/activities/restore.js';
import { standingOf } from '../../../src/activities/standing.js';
import { tidy } from '../../../src/activities/tidy.js';
import { withDatabase } from '../../../src/adapters/postgres/databases.js';
import { binFolder, inside, oneValue, run } from '../backup/support.js';
import { dropNamed, leftOf, nameOf, prepareAlike, type Prepared, problem, work } from './support.js';

const closure = (more: object) => ({
  closure: { flag: '/var/lib/lockkeeper-test/closed', url: 'http://127.0.0.1:9/', ...more },
});
const DESTROY = `DELETE FROM orders WHERE id > 500; ALTER TABLE orders DROP COLUMN total; CREATE TABLE extra (x int);
  UPDATE alembic_version SET version_num = '0002_gifts'`;

const prepared: Prepared[] = [];
async function closed(settings: object): Promise<Prepared> {
  const made = await prepareAlike({ settings: closure(settings) });
  prepared.push(made);
  return made;
}
afterEach(async () => {
  for (const { project } of prepared.splice(0)) {
    await dropNamed(project.url, await leftOf(project.url));
    await project.close();
  }
});

const again = async ({ home, input }: Prepared, attempt = 1) => {
  const { note, ...backup } = await backUp(home, { ...input, again: true }, work({ attempt }));
  return { note, stopped: { ...input, backup, writersStopped: true } };
};

async function isAsBefore({ home, plan, project }: Prepared): Promise<void> {
  expect(await oneValue(project.url, 'SELECT sum(total)::int FROM orders')).toBe(500_500);
  const now = await standingOf(home.target(), plan.versionTable, work().signal);
  expect(now).toMatchObject({ fingerprint: plan.standing.fingerprint, revisions: plan.standing.revisions });
}

describe('a closed database that is copied', () => {
  it('comes back by a swap of names, whoever connects meanwhile, and is given back when asked for again', async () => {
    const one = await closed({ backup: 'template' });
    const { project, home, input } = one;
    let connected = 0;
    let over = false;
    // A pool that connects again and again.
    const pool = (async () => {
      while (!over) {
        await run(project.url, 'SELECT pg_sleep(0.05)').then(
          () => (connected += 1),
          () => undefined,
        );
      }
    })();
    const { stopped, note } = await again(one).finally(() => (over = true));
    await pool;
    expect(connected).toBeGreaterThan(0);
    const copy = stopped.backup.path;
    expect(note).toBe(`copied into the database ${copy}`);
    expect((await again(one, 2)).stopped.backup).toEqual(stopped.backup);
    await run(project.url, DESTROY);
    const { note: back = '' } = await restore(home, stopped, work());
    const kept = /kept as (\S+)$/.exec(back)?.[1] ?? '';
    await isAsBefore(one);
    expect(await leftOf(project.url)).toEqual([kept]);
    expect(await restore(home, stopped, work({ attempt: 2 }))).toEqual({ note: back });
    // What a restore has replaced is kept for some days, whatever it was restored from.
    await tidy(home, input, { ...work(), isOver: true });
    expect(await leftOf(project.url)).toEqual([kept]);
  });

  it('is not waited for while somebody holds it: who, is said', async () => {
    const one = await closed({ backup: 'template' });
    const { url } = one.project;
    await inside(withDatabase(url, 'postgres'), async (client) => {
      await client.query(`BEGIN; COMMENT ON DATABASE "${nameOf(url)}" IS 'busy'`);
      const { code, told } = await problem(again(one));
      expect([code, told.retry]).toEqual(['database-locked', true]);
      expect(told.why).toMatch(/^pid \d+, test .*connected to postgres/);
    });
    expect(await leftOf(url)).toEqual([]);
  });

  it('has the oids of its copy: whoever locks a table of one is not in the way of a backup of the other', async () => {
    const one = await closed({ backup: 'template' });
    const { stopped } = await again(one);
    await inside(withDatabase(one.project.url, stopped.backup.path), async (client) => {
      await client.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
      const ids = { ...one.input, runId: 'another-run' };
      const backup = await backUp(one.home, ids, work());
      expect(backup.note).toMatch(/another-run\.dump/);
    });
  });

  it('is copied anew when an attempt was killed before it was finished', async () => {
    const one = await closed({ backup: 'template' });
    const { url } = one.project;
    const { stopped } = await again(one);
    const left = stopped.backup.path;
    const words = await oneValue(
      withDatabase(url, 'postgres'),
      `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${left}'`,
    );
    const unfinished = String(words).replace('"kept"', '"incomplete"').replaceAll("'", "''");
    await run(withDatabase(url, 'postgres'), `COMMENT ON DATABASE "${left}" IS '${unfinished}'`);
    const { stopped: second } = await again(one, 2);
    expect(second.backup.path).not.toBe(left);
    expect(await leftOf(url)).toEqual([second.backup.path]);
  });

  it('is dropped when its run has ended well, and kept while nobody knows how it ended', async () => {
    const one = await closed({ backup: 'template' });
    const { project, home, input } = one;
    const { stopped } = await again(one);
    const copy = stopped.backup.path;
    const [line] = await tidy(home, { ...input, runId: 'the-next-1' }, work());
    expect(line).toMatch(
      new RegExp(
        `was cut off: the database as it was before its migration is ${copy} .*, which is kept until you drop it`,
      ),
    );
    expect(await tidy(home, input, work())).toEqual([]);
    expect(await leftOf(project.url)).toEqual([copy]);
    await tidy(home, input, { ...work(), isOver: true });
    expect(await leftOf(project.url)).toEqual([]);
  });
});

it('a snapshot of the storage is taken and put back by the commands of the user', async () => {
  // Stands for one of a file system: it, too, knows nothing of us.
  const bin = await binFolder();
  const file = '"$LOCKKEEPER_SNAPSHOT.dump"';
  const sh = (script: string) => ['sh', '-ec', script];
  const one = await closed({
    backup: 'command',
    snapshot: {
      take: [sh(`test ! -e ${file}; ${bin}/pg_dump -Fc -f ${file} "$DATABASE_URL"`)],
      back: [
        sh(`${bin}/psql "$DATABASE_URL" -qc 'drop table if exists extra'`),
        sh(`${bin}/pg_restore --clean --if-exists -d "$DATABASE_URL" ${file}`),
      ],
    },
  });
  const { home, input, project } = one;
  const { stopped, note } = await again(one);
  const name = `lockkeeper-${project.target}-${input.runId}`;
  expect(note).toBe(`put aside by closure.snapshot as ${name}`);
  expect(stopped.backup).toMatchObject({ kind: 'command', bytes: 0 });
  // An answer that was lost: nothing is taken over what was taken.
  expect((await again(one, 2)).stopped).toEqual(stopped);
  await run(project.url, DESTROY);
  expect(await restore(home, stopped, work())).toEqual({
    note: `put back by closure.snapshot, as of ${stopped.backup.startedAt}`,
  });
  await isAsBefore(one);
  // What did not come back is found by the schema, whatever the command said.
  await run(project.url, 'CREATE TABLE left_over (x int)');
  expect((await problem(restore(home, stopped, work()))).code).toBe('not-as-before');
});
