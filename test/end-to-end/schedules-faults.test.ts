import { jest } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { patience, sample } from '../support/kills-sample.js';
import { Project, until } from '../support/project.js';
import { oneValue, removeFolders, run, whenDumping, wrapped } from '../services/backup/support.js';

/**
 * Claim 4: after the faults stop, the next scheduled backup succeeds within one period without a person.
 */
jest.setTimeout(240_000 * patience);

const PERIOD_S = 15;
/** What a step whose worker died waits for before it is tried again, and what a new worker takes to start. */
const LOST_S = 40;

interface Fault {
  name: string;
  /** Makes it happen while a scheduled backup is dumping; afterwards it is over. */
  fire: (project: Project) => Promise<void>;
}

const faults: Fault[] = [
  {
    name: 'the worker is killed',
    fire: async (project) => {
      await project.killWorkers();
      await project.worker();
    },
  },
  {
    name: 'pg_dump is killed',
    fire: async (project) => {
      const dumps = await dumping(project);
      expect(dumps).not.toEqual([]);
      for (const pid of dumps) process.kill(pid, 'SIGKILL');
    },
  },
  {
    name: 'the sessions of the backup are ended on the server, three times running',
    fire: async (project) => {
      for (let ended = 0; ended < 3; ended += 1) {
        await until(async () => (await sessions(project)) > 0, 60_000 * patience, 'a session', 200);
        const killed = await oneValue(
          project.url,
          `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE ${ours(project)}`,
        );
        expect(Number(killed)).toBeGreaterThan(0);
      }
    },
  },
  {
    name: 'a table is kept locked until the backup has given up',
    fire: async (project) => {
      await run(
        project.url,
        `BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(12); COMMIT`,
      );
    },
  },
];

const ours = ({ target }: Project): string => `starts_with(application_name, 'lockkeeper:${target}:backup')`;
const sessions = async (project: Project): Promise<number> =>
  Number(await oneValue(project.url, `SELECT count(*) FROM pg_stat_activity WHERE ${ours(project)}`));

/** Process ids of this project's pg_dump, its wrapper among them. */
async function dumping({ home }: Project): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids
    .filter((_, i) => lines[i]!.includes(home) && /pg_dump\b.*--snapshot=/s.test(lines[i]!))
    .map(Number);
}

let client: Client;
let project: Project;
beforeAll(async () => {
  project = await Project.make();
  client = new Client({
    connection: await Connection.connect({ address: project.servers.temporal.address }),
  });
});
afterAll(async () => {
  await client.schedule
    .getHandle(idOf())
    .delete()
    .catch(() => undefined);
  await client.connection.close();
  await project.close();
  await removeFolders();
});

const idOf = () => `lockkeeper:${project.target}:often`;
const state = () => client.schedule.getHandle(idOf()).describe();

/** When scheduled backups that succeeded were over: milliseconds since 1970. */
async function successes(): Promise<number[]> {
  const { recentActions } = (await state()).info;
  const ended = await Promise.all(
    recentActions.map(({ action: { workflow } }) =>
      client.workflow.getHandle(workflow.workflowId).describe(),
    ),
  );
  return ended.flatMap(({ status, closeTime }) =>
    status.name === 'COMPLETED' && closeTime ? [closeTime.getTime()] : [],
  );
}

it.each(sample(faults, 1))('$name: the next scheduled backup succeeds by itself', async ({ fire }) => {
  // Slow enough that the fault meets it.
  const tools = await wrapped({ pg_dump: whenDumping('sleep 2; exec "$real" "$@"') });
  const often = { do: 'backup', every: `${PERIOD_S}s`, catchUp: '10s' };
  await project.configure({ schedules: { often }, backup: { tools } });
  await project.worker();
  expect((await project.cli(['schedule', 'apply'])).code).toBe(0);
  await until(async () => (await dumping(project)).length > 0, 60_000 * patience, 'a dump', 100);
  await fire(project);
  const over = Date.now();
  const allowed = (PERIOD_S + LOST_S) * 1_000 * patience;
  await until(async () => (await successes()).some((at) => at > over), allowed, 'a backup', 500);
  const { paused } = (await state()).state;
  expect(paused).toBe(false);
  expect((await project.cli(['backup', '--list', '--json'])).out).toContain('"id"');
});
