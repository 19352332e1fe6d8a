import { readFile, writeFile } from 'node:fs/promises';
import { rehearse } from '../../../src/activities/rehearse.js';
import { ENV_PY, type Revision } from '../../support/alembic-files.js';
import { HARMLESS } from '../../support/project.js';
import { oneValue, run } from '../backup/support.js';
import { problem, work } from '../restore/support.js';
import { projects, releases } from './support.js';

const ready = projects();

/** A migration that does this before it does what it should. */
const doing = (python: string): Revision => ({ ...HARMLESS, up: `${python}\n    ${HARMLESS.up}` });

/** Production's own URL, as somebody has written it into the code. */
const URL = 'URL-OF-PRODUCTION';

async function readyWith(python: string) {
  const prepared = await ready(releases(doing(python)));
  const file = prepared.project.path('releases/r2/migrations/versions', `${HARMLESS.id}.py`);
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(URL, prepared.project.url));
  await run(prepared.project.url, 'CREATE TABLE touched (by text)');
  return prepared;
}

it('an env.py with the URL of production in its code never gets near it', async () => {
  const { home, input, project } = await ready();
  const env = project.path('releases/r2/migrations/env.py');
  await writeFile(env, ENV_PY.replace('os.environ["DATABASE_URL"]', JSON.stringify(project.url)));
  const refused = await problem(rehearse(home, input, work()));
  expect(refused.code).toBe('rehearsal-reached-out');
  expect(refused.message).toContain('the database itself is untouched');
});

it.each([
  [
    'an engine of its own',
    `e = sa.create_engine("${URL}")\n    e.connect().execute(sa.text("insert into touched values ('engine')"))`,
  ],
  [
    'psycopg2 itself',
    `import psycopg2\n    c = psycopg2.connect("${URL}")\n    c.cursor().execute("insert into touched values ('psycopg2')")\n    c.commit()`,
  ],
  [
    'psycopg itself',
    `import psycopg\n    psycopg.connect("${URL}", autocommit=True).execute("insert into touched values ('psycopg')")`,
  ],
  ['asyncpg itself', `import asyncio, asyncpg\n    asyncio.run(asyncpg.connect("${URL}"))`],
])('a migration that opens a connection to production by %s is stopped before it does', async (_, python) => {
  const { home, input, project } = await readyWith(python);
  const refused = await problem(rehearse(home, input, work()));
  expect(refused.code).toBe('rehearsal-reached-out');
  expect(refused.message).toContain(`revision ${HARMLESS.id} opens a connection of its own`);
  expect(await oneValue(project.url, 'SELECT count(*)::int FROM touched')).toBe(0);
});

it('what only reads the environment works with the copy, whichever way it goes', async () => {
  const python = `import psycopg2
    if not op.get_context().as_sql:
        own = psycopg2.connect(os.environ["DATABASE_URL"])
        own.cursor().execute("create table if not exists own_connection (id int)")
        own.commit()
        bare = psycopg2.connect(dbname=own.info.dbname, user=own.info.user)
        assert (bare.info.host, bare.info.port) == (own.info.host, own.info.port)
        assert not any("${URL}" in value for value in os.environ.values())`;
  const { home, input, project } = await readyWith(python);
  expect(await rehearse(home, input, work())).toMatchObject({ measured: { where: 'private' } });
  expect(await oneValue(project.url, `SELECT to_regclass('own_connection') IS NULL`)).toBe(true);
});

it('a program that a migration starts cannot be hindered: it is seen, and ends the rehearsal', async () => {
  const python = `import subprocess, sys
    other = "import socket, time; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); time.sleep(30)"
    from urllib.parse import urlsplit
    at = urlsplit("${URL}")
    subprocess.run([sys.executable, "-c", "import sys; " + other, at.hostname, str(at.port)])`;
  const { home, input } = await readyWith(python);
  const seen = await problem(rehearse(home, input, work()));
  expect(seen.code).toBe('rehearsal-touched-production');
});

it('beside the database, where the target says so, the bridge still refuses what goes elsewhere', async () => {
  const { home, input, project } = await ready({ settings: { rehearsal: { where: 'server' } } });
  expect(await rehearse(home, input, work())).toMatchObject({
    measured: { where: 'server' },
    valuesBack: 'same',
  });
  const env = project.path('releases/r2/migrations/env.py');
  await writeFile(env, ENV_PY.replace('os.environ["DATABASE_URL"]', JSON.stringify(project.url)));
  expect((await problem(rehearse(home, input, work()))).code).toBe('rehearsal-refused');
});
