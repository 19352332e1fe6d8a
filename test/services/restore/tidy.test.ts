import { writeFile, mkdir } from 'node:fs/promises';
import { keepRecord } from '../../../src/activities/keep-record.js';
import { recordsOf } from '../../../src/activities/records.js';
import { tidy } from '../../../src/activities/tidy.js';
import { copyName } from '../../../src/adapters/backup/restore-copies.js';
import {
  databaseNamed,
  mark,
  type Marker,
  onServer,
  withDatabase,
} from '../../../src/adapters/postgres/databases.js';
import type { Outcome, RunRecord } from '../../../src/domain/record.js';
import { oneValue, run } from '../backup/support.js';
import { die, dropNamed, leftOf, nameOf, prepare, type Prepared, work } from './support.js';

const session = { applicationName: 'lockkeeper:test:tidy' };
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

let prepared: Prepared;
const made: string[] = [];
beforeAll(async () => {
  prepared = await prepare();
});
afterEach(async () => {
  await dropNamed(prepared.project.url, made.splice(0));
});
afterAll(() => prepared?.project.close());

const url = () => prepared.project.url;
const target = () => prepared.project.target;
const tidied = (runId = 'now-1') => tidy(prepared.home, { target: target(), runId }, work());

/** A database beside, with a mark as a run of this target writes it; none: as a run that was killed leaves it. */
async function aside(name: string, marker: Partial<Marker> | null): Promise<string> {
  made.push(name);
  await run(withDatabase(url(), 'postgres'), `CREATE DATABASE "${name}"`);
  if (marker)
    await onServer(url(), session, async (server) => {
      const { oid } = await databaseNamed(server, nameOf(url()));
      const whole = { of: nameOf(url()), oid, run: `restore ${target()} gone-1`, state: 'complete' } as const;
      await mark(server, name, { ...whole, ...marker });
    });
  return name;
}
const oid = () =>
  onServer(url(), session, async (server) => (await databaseNamed(server, nameOf(url()))).oid);
const copy = async (of: string) => copyName(await oid(), of);

async function record(runId: string, outcome: Outcome): Promise<RunRecord> {
  const facts = [{ at: daysAgo(9), kind: 'requested', by: 'ana', words: 'restore' }] as const;
  const made = {
    formatVersion: 1,
    kind: 'restore',
    workflowId: '',
    runId,
    steps: [],
    outcome,
    facts,
  } as const;
  const whole: RunRecord = { ...made, target: target() };
  const folder = prepared.project.path('.lockkeeper', 'records', target());
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/${runId}.json`, JSON.stringify(whole));
  return whole;
}

it('finds nothing where nothing was left, and says nothing', async () => {
  expect(await tidied()).toEqual([]);
});

it('drops copies of runs that are gone, marked or not yet, with whoever is connected; what others made stays', async () => {
  const marked = await aside(await copy('a'), {});
  const used = await aside(await copy('b'), { run: `rehearse ${target()} gone-2`, state: 'used' });
  const bare = await aside(await copy('c'), null);
  const others = [
    await aside(`${target()}-mine`, null),
    await aside(await copy('d'), { run: 'rehearse another gone-3' }),
    await aside(await copy('e'), { of: 'another_database' }),
  ];
  const busy = oneValue(withDatabase(url(), used), 'SELECT pg_sleep(60)').catch(
    (error: Error) => error.message,
  );
  const said = await tidied();
  expect(said).toHaveLength(3);
  expect(said.join('\n')).toMatch(
    new RegExp(`found from run gone-1: dropped its copy ${marked} \\([\\d.]+ MiB\\)`),
  );
  expect(said.join('\n')).toMatch(new RegExp(`found from run gone-2: dropped its copy ${used}`));
  expect(said.join('\n')).toMatch(new RegExp(`found from a run that was cut off: dropped its copy ${bare}`));
  expect(await busy).toMatch(/terminat|connection/i);
  const there = (await oneValue(
    withDatabase(url(), 'postgres'),
    `SELECT array_agg(datname::text) FROM pg_database`,
  )) as string[];
  expect(there).toEqual(expect.arrayContaining(others));
  expect(there).not.toContain(marked);
  expect(await tidied()).toEqual([]);
});

it('turns back a swap that was killed while the database was closed, and says whose it was', async () => {
  const restored = await aside(await copy('f'), {});
  await die({ dieAt: 'closed', url: url(), swap: { restored, keepAs: `${nameOf(url())}_kept` } });
  await expect(oneValue(url(), 'SELECT 1')).rejects.toThrow();
  expect(await tidied()).toEqual([
    'found from run gone-1: a swap that was cut off was turned back, the database is open',
    expect.stringMatching(/^found from run gone-1: dropped its copy/),
  ]);
  expect(await oneValue(url(), 'SELECT count(*)::int FROM orders')).toBe(1000);
});

describe('a database that a restore has replaced', () => {
  const kept = (runId: string, days: number) =>
    aside(`${nameOf(url())}_until_${runId}`, {
      ...{ run: `restore ${target()} ${runId}`, state: 'kept', at: daysAgo(days) },
    });

  it('is dropped once backup.keepReplacedDays are over, with its size told, and not before', async () => {
    await record('done-6', 'done');
    await record('done-8', 'undone');
    const young = await kept('done-6', 6);
    const old = await kept('done-8', 8);
    expect(await tidied()).toEqual([
      expect.stringMatching(
        new RegExp(`^dropped ${old}, replaced by run done-8, kept for 7 days \\([\\d.]+ MiB\\)$`),
      ),
    ]);
    expect(await leftOf(url())).toEqual([young]);
  });

  it('is kept, whatever its age, for a run that is open, was cut off, or ended with an undo that failed', async () => {
    await record('stuck-1', 'needs operator');
    const names = [await kept('cut-off-', 30), await kept('now-1', 30), await kept('stuck-1', 30)];
    const said = await tidied('now-1');
    expect(said).toHaveLength(2);
    expect(said.join('\n')).toContain(
      `run cut-off- replaced the database and was cut off: that of before is ${names[0]}`,
    );
    expect(said.join('\n')).toContain('run stuck-1 replaced the database and ended with an undo that failed');
    expect(await leftOf(url())).toEqual([...names].sort());
  });
});

describe('the end of a run', () => {
  it('drops its own copy, and its record says so; after a failed undo it is left for whoever looks', async () => {
    const { home, project } = prepared;
    const own = await aside(await copy('g'), { run: `restore ${target()} end-1` });
    await keepRecord(home, await record('end-1', 'needs operator'), work());
    expect(await leftOf(url())).toContain(own);
    await keepRecord(home, await record('end-1', 'rejected'), work());
    expect(await leftOf(url())).not.toContain(own);
    const [last] = (await recordsOf(project.path('.lockkeeper'), target())).filter(
      ({ runId }) => runId === 'end-1',
    );
    expect(last?.facts.at(-1)).toMatchObject({
      kind: 'tidied',
      note: expect.stringContaining(own) as unknown,
    });
  });

  it('keeps the record where the database cannot be reached', async () => {
    const { home } = prepared;
    const there = process.env['DATABASE_URL'];
    process.env['DATABASE_URL'] = 'postgresql://nobody@127.0.0.1:1/nowhere';
    try {
      await keepRecord(home, await record('end-2', 'failed'), work());
    } finally {
      process.env['DATABASE_URL'] = there;
    }
    expect(await recordsOf(prepared.project.path('.lockkeeper'), target())).toContainEqual(
      expect.objectContaining({ runId: 'end-2', outcome: 'failed' }),
    );
  });
});
