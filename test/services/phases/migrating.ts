import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { planFor } from '../../../src/activities/check.js';
import { homeAt, type Target } from '../../../src/activities/home.js';
import { migrateLooking } from '../../../src/activities/look-first/run.js';
import { revisionsOf } from '../../../src/activities/standing.js';
import { appliedOf } from '../../../src/activities/revisions.js';
import type { Work } from '../../../src/activities/work.js';
import type { BridgeEvent } from '../../../src/adapters/alembic/events.js';
import { inspect } from '../../../src/adapters/alembic/inspect.js';
import { phasedBy, type PhaseOfChange } from '../../../src/domain/phased.js';
import type { Plan } from '../../../src/domain/plan.js';
import type { TestProject } from '../alembic/project.js';

export const work: Work = {
  attempt: 1,
  progress: (text) => void (process.env.LOCKKEEPER_TELL && process.stderr.write(`${text}\n`)),
  signal: new AbortController().signal,
};

/** The project as a target whose locks may keep others waiting for as long as a starved machine needs. */
export async function targetOf({ alembic, url }: TestProject): Promise<Target> {
  const { python, cwd, environment } = alembic;
  await writeFile(join(cwd, 'url'), url);
  await writeFile(join(cwd, 'env-url'), environment['DATABASE_URL'] ?? '');
  const shop = {
    database: { url: 'file:url' },
    alembic: {
      python,
      project: cwd,
      environment: { DATABASE_URL: 'file:env-url' },
      tries: 20,
      lockTimeoutMs: 300,
    },
  };
  const file = join(cwd, 'lockkeeper.yaml');
  await writeFile(file, stringify({ version: 1, targets: { shop } }));
  return homeAt(file).target('shop');
}

/** The revisions of a change, phase by phase, as a run of Lockkeeper takes them: it looks before it queues. */
export class Phases {
  #runs = 0;

  private constructor(
    readonly target: Target,
    readonly plan: Plan,
    readonly phases: ReadonlyMap<string, PhaseOfChange | undefined>,
  ) {}

  static async of(target: Target): Promise<Phases> {
    const plan = await planFor(target, { name: 'r2', running: null }, work);
    const { pending } = await inspect(target.project('r2'), { from: 'database', render: 'none' });
    const phases = pending.map(
      ({ revision, allowances }) => [revision, phasedBy(allowances)?.phase] as const,
    );
    return new Phases(target, plan, new Map(phases));
  }

  has = (phase: PhaseOfChange): boolean => [...this.phases.values()].includes(phase);

  /** All of them that are not done, or not undone, as one migration. */
  async run(direction: 'upgrade' | 'downgrade', phase: PhaseOfChange, budgetMs?: number): Promise<void> {
    const of = this.of(phase);
    if (of.length) await this.#run(direction, of, budgetMs === undefined ? {} : { budgetMs });
  }

  /** Of a phase, in the order in which they are run. */
  of = (phase: PhaseOfChange): string[] =>
    this.plan.revisions.map(({ revision }) => revision).filter((id) => this.phases.get(id) === phase);

  /** Takes back these revisions, the last one first, and tells what they send. */
  back = (of: readonly string[], onEvent: (event: BridgeEvent) => void): Promise<void> =>
    this.#run('downgrade', of, { onEvent });

  async #run(
    direction: 'upgrade' | 'downgrade',
    of: readonly string[],
    {
      budgetMs = 300_000,
      onEvent = () => undefined,
    }: { budgetMs?: number; onEvent?: (event: BridgeEvent) => void },
  ): Promise<void> {
    const { target, plan } = this;
    const now = () => revisionsOf(target, plan.versionTable, work.signal);
    await migrateLooking({
      ...{ target, plan: { ...plan, keepsakes: [] }, runId: `run-${(this.#runs += 1)}`, work },
      files: { project: target.project('r2'), kept: [] },
      ...{ lockWaitMs: 0, stall: { budgetMs }, onEvent },
      begin: async () => {
        const { revisions: expectFrom } = await now();
        const applied = appliedOf(plan, expectFrom);
        const revisions =
          direction === 'upgrade'
            ? of.filter((id) => !applied.includes(id))
            : of.filter((id) => applied.includes(id)).reverse();
        return { direction, revisions, expectFrom };
      },
      committed: async () => appliedOf(plan, (await now()).revisions),
    });
  }
}
