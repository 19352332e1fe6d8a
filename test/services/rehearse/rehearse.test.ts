import { readFile, writeFile } from 'node:fs/promises';
import { rehearse } from '../../../src/activities/rehearse.js';
import type { Revision } from '../../support/alembic-files.js';
import { HARMLESS } from '../../support/project.js';
import { projectPython } from '../../support/servers.js';
import { flipByte, problem, work } from '../restore/support.js';
import { projects, releases } from './support.js';

const ready = projects();

it('a plan goes forward, back and forward on a copy, and what it took is told', async () => {
  const { home, input, project } = await ready();
  const done = await rehearse(home, input, work());
  expect(done).toMatchObject({
    backupProved: 'L3',
    noWayBack: null,
    againFailed: null,
    schemaBack: 'same',
    rowsBack: 'same',
    checks: 'passed',
  });
  for (const ms of [done.backMs, done.againMs, done.forwardMs, done.restoreMs])
    expect(ms).toBeGreaterThan(10);
  expect(done.bytes).toBeGreaterThan(1_000_000);
  expect(done).toMatchObject({ valuesBack: 'same', measured: { where: 'private', rewritten: [] } });
  expect(done.compared).toBe('every value of 1 table');
  expect(done.revisions).toEqual([
    {
      revision: HARMLESS.id,
      ms: expect.any(Number) as number,
      longestStatementMs: expect.any(Number) as number,
      longestStatement: expect.stringMatching(/^(ALTER|CREATE) TABLE|^UPDATE/) as string,
    },
  ]);
  expect(done.note).toMatch(
    /^the backup restored in .*; back .*, as before; forward again .*; checks passed$/,
  );
  const whole = await readFile(done.file, 'utf8');
  expect(Object.keys((JSON.parse(whole) as { ways: object }).ways)).toEqual([
    'forward',
    'back',
    'forward again',
  ]);
  expect(whole).not.toContain(new URL(project.url).password);
});

it('a constraint that the rows break fails forward, in the words of the database', async () => {
  const unique: Revision = {
    id: '0002_unique',
    up: `op.execute("ALTER TABLE orders ADD CONSTRAINT one_total UNIQUE (total)")`,
    down: `op.execute("ALTER TABLE orders DROP CONSTRAINT one_total")`,
  };
  const { home, input } = await ready(releases(unique), 'INSERT INTO orders (total) VALUES (7)');
  const tools: number[] = [];
  const failed = await problem(rehearse(home, input, work({ onTool: (pid) => tools.push(pid) })));
  expect(failed.code).toBe('rehearsal-failed');
  expect(failed.message).toContain('going forward in revision 0002_unique; the database itself is untouched');
  expect(failed.message).toContain('Key (total)=(7) is duplicated');
  // Of the private server, pg_restore (twice) and two Pythons, the last was started ahead in vain.
  expect(tools).toHaveLength(5);
  for (const pid of tools) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('a downgrade that leaves a type behind and takes rows along is named, and what fails because of it', async () => {
  const mood: Revision = {
    id: '0002_mood',
    up: `op.execute("CREATE TYPE mood AS ENUM ('sad')")
    op.execute("ALTER TABLE orders ADD COLUMN mood mood")`,
    down: `op.execute("ALTER TABLE orders DROP COLUMN mood")
    op.execute("DELETE FROM orders WHERE total < 3")`,
  };
  const { home, input } = await ready(releases(mood));
  const done = await rehearse(home, input, work());
  expect(done.schemaBack).toEqual([expect.stringMatching(/^left over: type public.mood/)]);
  expect(done.rowsBack).toEqual(['public.orders: 1,000 rows before, 998 rows after going back']);
  expect(done.againMs).toBeNull();
  expect(done.againFailed).toContain('type "mood" already exists');
  expect(done.note).toContain('NOT as before; forward again FAILED');
});

it('without a downgrade it goes forward only, and says so; checks that fail are told', async () => {
  const oneWay: Revision = { ...HARMLESS, down: 'raise NotImplementedError()' };
  const verify = [
    { name: 'no cheap orders', sql: 'select id from orders where total = 1', rows: 0 },
    { name: 'the column is there', sql: 'select count(gift_note) from orders', value: 0 },
    { name: 'not on a copy', command: 'false' },
  ];
  const { home, input } = await ready({ ...releases(oneWay), settings: { verify } });
  expect(await rehearse(home, input, work())).toMatchObject({
    backMs: null,
    againMs: null,
    schemaBack: 'not tried',
    rowsBack: 'not tried',
    noWayBack: 'the downgrade of 0002_gifts raises an error',
    checks: ['no cheap orders: 1 row found, such as (1)'],
  });
});

it('a downgrade that fails ends it', async () => {
  const { home, input } = await ready(releases({ ...HARMLESS, down: `op.drop_table("not_there")` }));
  const failed = await problem(rehearse(home, input, work()));
  expect(failed.message).toContain('failed going back in revision 0002_gifts');
  expect(failed.message).toContain('table "not_there" does not exist');
});

it('an env.py that nothing in its environment could send to a copy is refused before there is one', async () => {
  const { home, input, project } = await ready();
  await writeFile(project.path('url'), project.url);
  delete process.env.DATABASE_URL;
  await project.configure({
    database: { url: 'file:url' },
    alembic: { python: projectPython, project: 'releases/{release}', environment: { OTHER: '1' } },
  });
  const lost = await problem(rehearse(home, input, work()));
  expect(lost.code).toBe('cannot-rehearse');
  expect(lost.told.next.join()).toContain('alembic.environment');
});

it('one that is cancelled, takes too long, or gets a damaged backup leaves nothing behind', async () => {
  const slow = { ...HARMLESS, up: `op.get_context().as_sql or op.execute("select pg_sleep(60)")` };
  const { home, input } = await ready(releases(slow));
  const stop = new AbortController();
  const progress = (text: string) => {
    if (text === 'rehearsing: forward') setTimeout(() => stop.abort(new Error('cancelled')), 700);
  };
  await expect(rehearse(home, input, work({ signal: stop.signal, progress }))).rejects.toThrow('cancelled');
  const late = await problem(rehearse(home, { ...input, limitMinutes: 0.02 }, work()));
  expect(late.code).toBe('rehearsal-too-long');
  await flipByte(input.backup);
  expect((await problem(rehearse(home, input, work()))).code).toBe('backup-damaged');
});
