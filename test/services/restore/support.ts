import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backUp } from '../../../src/activities/back-up.js';
import { planFor } from '../../../src/activities/check.js';
import { homeAt, type Home } from '../../../src/activities/home.js';
import { keepPlan } from '../../../src/activities/plans.js';
import type { Work } from '../../../src/activities/work.js';
import { readManifest } from '../../../src/adapters/backup/files.js';
import { withDatabase } from '../../../src/adapters/postgres/databases.js';
import type { Backup } from '../../../src/domain/backup.js';
import type { Plan } from '../../../src/domain/plan.js';
import { Problem } from '../../../src/domain/problem.js';
import { Project, type ProjectOptions, runProgram } from '../../support/project.js';
import { root } from '../../support/test-stack.js';
import { run } from '../backup/support.js';

/** A project whose next release is planned, and whose database is backed up: where a rehearsal begins. */
export interface Prepared {
  project: Project;
  home: Home;
  plan: Plan;
  input: { target: string; runId: string; planHash: string; backup: Backup };
}

export const work = (changes: Partial<Work> = {}): Work => ({
  signal: new AbortController().signal,
  progress: () => {},
  attempt: 1,
  ...changes,
});

/** @param first - SQL that is run before the plan is made */
export const prepare = (options: ProjectOptions = {}, first?: string): Promise<Prepared> =>
  prepared(options, first, (home) => planFor(home.target(), { name: 'r2', running: 'r1' }, work()));

let planned: Promise<Plan> | undefined;

/** The same for what does not look into the plan: the first one stands for all. Alembic takes as long as all the rest. */
export const prepareAlike = (options: ProjectOptions = {}, first?: string): Promise<Prepared> =>
  prepared(options, first, async (home) => {
    const { config } = home.target();
    planned ??= planFor(home.target(), { name: 'r2', running: 'r1' }, work());
    const plan = await planned;
    await keepPlan(config.state, plan);
    return plan;
  });

async function prepared(
  options: ProjectOptions,
  first: string | undefined,
  planOf: (home: Home) => Promise<Plan>,
): Promise<Prepared> {
  const project = await Project.make(options);
  if (first) await run(project.url, first);
  // As in the worker's own environment.
  process.env.DATABASE_URL = project.url;
  const home = homeAt(project.path('lockkeeper.yaml'));
  const plan = await planOf(home);
  const ids = { target: project.target, runId: `run-${project.target.slice(-8)}`, planHash: plan.planHash };
  const { note: _, ...backup } = await backUp(home, ids, work());
  return { project, home, plan, input: { ...ids, backup } };
}

/** The Problem that something fails with. */
export const problem = (of: Promise<unknown>): Promise<Problem> =>
  of.then(
    (value) => {
      throw new Error(`it did not fail: ${JSON.stringify(value)}`);
    },
    (error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    },
  );

/** Names of databases that Lockkeeper has made or kept for this one. */
export async function leftOf(url: string): Promise<string[]> {
  const { rows } = await run(
    withDatabase(url, 'postgres'),
    `SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE 'Lockkeeper: %"of":"${nameOf(url)}"%'
       OR datname LIKE 'lk_copy_' || (SELECT oid FROM pg_database WHERE datname = '${nameOf(url)}') || '_%' ORDER BY 1`,
  );
  return (rows as { datname: string }[]).map(({ datname }) => datname);
}

export const nameOf = (url: string): string => new URL(url).pathname.slice(1);

export const dropNamed = async (url: string, names: readonly string[]): Promise<void> => {
  for (const name of names)
    await run(withDatabase(url, 'postgres'), `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
};

/** Flips one bit in the middle of a backup's largest file. */
export async function flipByte({ manifest }: Pick<Backup, 'manifest'>): Promise<void> {
  const { files } = (await readManifest(manifest))!;
  const [largest] = [...files].sort((a, b) => b.bytes - a.bytes);
  const path = join(dirname(manifest), largest!.path);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
}

/** Starts `killed.ts`, and waits until it is dead by its own hand. */
export async function die(doomed: object): Promise<void> {
  const script = join(root, 'test/services/restore/killed.ts');
  const ran = await runProgram(
    process.execPath,
    [join(root, 'scripts/run-ts.mjs'), script, JSON.stringify(doomed)],
    { cwd: root, env: {}, ms: 30_000 },
  );
  if (ran.code !== null && ran.code !== 137) throw new Error(`it did not die: ${ran.out}${ran.err}`);
}
