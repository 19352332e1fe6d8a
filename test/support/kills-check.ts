import { readdir } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import type { RunRecord } from '../../src/domain/record.js';
import { DOWN, DROPPED, plain, UP } from './kills-project.js';
import type { Scene } from './kills.js';
import { patience } from './kills-sample.js';
import { WRITER } from './kills-writer.js';
import { until } from './project.js';

/** How a run must end: `either` is for what may be begun again only so often. */
export type End = 'new' | 'old' | 'either';

/** What is wrong with the end of a run: it must be wholly as new or wholly as old, and say which. */
export async function faultsOf(scene: Scene, record: RunRecord, end: End): Promise<string[]> {
  const is = end !== 'either' ? end : record.outcome === 'done' ? 'new' : 'old';
  return [
    ...(await wrongEnd(scene, record, is)),
    ...(await leftOver(scene)),
    ...(await twoAtOnce(scene)),
    ...((await scene.closed?.faults(record, is, scene.query)) ?? []),
  ];
}

async function wrongEnd(scene: Scene, record: RunRecord, end: 'new' | 'old'): Promise<string[]> {
  const outcomes = end === 'new' ? ['done'] : ['undone', 'failed'];
  const schema = await scene.schema();
  const tags = (await scene.query<{ tag: string }>('select tag from lk_test.ddl order by id')).map(
    ({ tag }) => tag,
  );
  const expected = end === 'new' ? [scene.closed ? DROPPED : UP] : [[], [...UP, ...DOWN]];
  const running = await scene.project.running();
  return [
    !outcomes.includes(record.outcome) &&
      `the record says ${record.outcome}: ${JSON.stringify(record.facts.slice(-4))}`,
    (schema === scene.before) !== (end === 'old') && `the schema is ${schema}, and was ${scene.before}`,
    !expected.some((each) => each.join() === tags.join()) && `committed: ${tags.join()}`,
    running !== (end === 'new' ? 'r2' : 'r1') && `${running} runs`,
  ].filter((each) => each !== false);
}

/** Sessions, locks, tools and files of ours that outlived the run. */
export async function leftOver(scene: Scene): Promise<string[]> {
  let left: string[] = [];
  const clean = async () => (left = await look(scene)).length === 0;
  await until(clean, 5_000 * patience, 'order', 200).catch(() => undefined);
  return left;
}

async function look(scene: Scene): Promise<string[]> {
  const sessions = await scene.query<{ words: string }>(`
    select application_name || ': ' || coalesce(query, '') as words from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
      and application_name <> '${WRITER}'
    union all
    select 'advisory lock of ' || pid from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`);
  const workers = await scene.processes('dist/cli.js');
  const tools = (await scene.processes('')).filter((pid) => !workers.includes(pid));
  const files = await readdir(scene.project.path('.lockkeeper'), { recursive: true });
  return [
    ...sessions.map(({ words }) => `session ${words}`),
    ...(await Promise.all(tools.map(named))),
    ...files
      .filter((name) => name.endsWith('.part') || /running\/.*\.json/.test(name))
      .map((name) => `file ${name}`),
  ];
}

const named = async (pid: number): Promise<string> => {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'gone since');
  return `process ${pid}: ${command.replaceAll('\0', ' ').slice(0, 200)}`;
};

/** A tool that says something after another one has taken its place. */
async function twoAtOnce({ hold, project }: Scene): Promise<string[]> {
  if (!hold || hold === 'health') return [];
  const ticks = await readFile(project.path(`ticks-${plain(hold)}`), 'utf8').catch(() => '');
  const turns = ticks
    .trim()
    .split('\n')
    .filter((pid, index, all) => pid !== all[index - 1]);
  return new Set(turns).size === turns.length ? [] : [`two at once: ${turns.join(', ')}`];
}
