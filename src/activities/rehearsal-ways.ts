import { rowsAndSchema } from '../adapters/backup/restore-compare.js';
import type { Restored } from '../adapters/backup/restore-beside.js';
import { withClient } from '../adapters/postgres/client.js';
import { rowDifferences } from '../adapters/postgres/compare-contents.js';
import { fingerprintDifference } from '../adapters/postgres/fingerprint.js';
import type { BackupContents } from '../domain/backup.js';
import type { Plan } from '../domain/plan.js';
import { Problem } from '../domain/problem.js';
import type { Way } from '../domain/problems/rehearsal.js';
import { type Rehearsal, timesOf } from '../domain/rehearsal.js';
import type { StepInput } from '../domain/steps.js';
import { copyEnvironment } from './copy-environment.js';
import type { Home, Target } from './home.js';
import { measureAll } from './measure.js';
import { migrationLog } from './migration-log.js';
import { keepSchema } from './plans.js';
import { startAhead, type Ahead, type Went } from './rehearsal-run.js';
import { revisionsOf, sessionName } from './standing.js';
import { verify } from './verify.js';
import type { Work } from './work.js';

/** On a copy nobody waits; an autovacuum that holds a lock is cancelled by the server after a second of waiting. */
const ALONE_MS = 5_000;

/** What the ways came to, and all that was seen on them. */
export interface Ways {
  outcome: Omit<Rehearsal, 'file' | 'backupProved' | 'restoreMs' | 'bytes'>;
  seen: Partial<Record<Way, Went>>;
}

/** The target as it is on the copy: another database, another environment, and the checks that are plain SQL. */
export function onCopy(target: Target, { name, url }: Restored): Target {
  const verify = target.settings.verify.filter(({ sql }) => sql !== undefined);
  return {
    ...target,
    settings: { ...target.settings, verify },
    url: () => url,
    project: (release) => {
      const project = target.project(release);
      return { ...project, environment: { ...project.environment, ...changedFor(target, release, name) } };
    },
  };
}

/** What env.py's environment says otherwise for a copy: of the target's own variables and the worker's. */
export function changedFor(target: Target, release: string, copy: string): Readonly<Record<string, string>> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((each): each is [string, string] => each[1] !== undefined),
  );
  return copyEnvironment({ ...inherited, ...target.project(release).environment }, target.url(), copy);
}

/** Takes a plan forward, back and forward again on a copy. Each instance does it once. */
export class Rehearsing {
  readonly #seen: Ways['seen'] = {};
  readonly #ahead = new Map<Way, Ahead>();

  /** @param target - the target on its copy, as `onCopy` makes it */
  constructor(
    private readonly home: Home,
    private readonly target: Target,
    private readonly plan: Plan,
    private readonly input: StepInput,
    private readonly work: Work,
  ) {}

  async all(): Promise<Ways> {
    try {
      await this.#startAhead('forward');
      const before = await this.#state();
      const measured = await measureAll(this.target, this.work.signal);
      const noWayBack = whyNoWayBack(this.plan);
      const forward = await this.#go('forward', noWayBack ? undefined : 'back');
      const checks = await this.#checks({ measured, note: '' });
      const outcome = {
        forwardMs: forward.ms,
        revisions: timesOf(forward.seen),
        statements: forward.seen.filter(({ event }) => event === 'statement').length,
        checks,
        ...(await this.#andBack(before, noWayBack)),
      };
      return { outcome, seen: this.#seen };
    } finally {
      await Promise.all([...this.#ahead.values()].map((each) => each.letGo()));
    }
  }

  async #andBack(before: State, noWayBack: string | null) {
    const notTried = { schemaBack: 'not tried', rowsBack: 'not tried', backMs: null } as const;
    if (noWayBack) return { ...notTried, noWayBack, againMs: null, againFailed: null };
    const { ms: backMs } = await this.#go('back', 'forward again');
    const after = await this.#state();
    const schemaBack = schemaDifference(before, after);
    const rowsBack = rowDifferences(before.tables, after.tables, ['before', 'after going back']);
    const again = await this.#again([...schemaBack, ...rowsBack]);
    return { noWayBack: null, backMs, schemaBack: sameOr(schemaBack), rowsBack: sameOr(rowsBack), ...again };
  }

  /** Where going back has left something, that it fails now is a consequence, and told beside it. */
  async #again(
    differences: readonly string[],
  ): Promise<{ againMs: number | null; againFailed: string | null }> {
    try {
      return { againMs: (await this.#go('forward again')).ms, againFailed: null };
    } catch (error) {
      const known = error instanceof Problem && error.code === 'rehearsal-failed' && differences.length;
      if (!known) throw error;
      return { againMs: null, againFailed: error.told.why ?? error.told.what };
    }
  }

  async #startAhead(way: Way): Promise<Ahead> {
    const { plan, target, work, input } = this;
    const revisions = plan.revisions.map(({ revision }) => revision);
    const ahead = startAhead(way, {
      project: target.project(plan.release),
      revisions: way === 'back' ? revisions.toReversed() : revisions,
      applicationName: sessionName(target.name, 'rehearse', input.runId),
      lockTimeoutMs: ALONE_MS,
      log: await migrationLog(target, input.runId, `rehearse ${way}`, work),
      ...(work.onTool ? { onTool: work.onTool } : {}),
      signal: work.signal,
    });
    this.#ahead.set(way, ahead);
    return ahead;
  }

  /** @param next - the way after this one, if there is one: its Python starts while this one's works */
  async #go(way: Way, next?: Way): Promise<Went> {
    const { plan, target, work } = this;
    const ahead = this.#ahead.get(way) ?? (await this.#startAhead(way));
    if (next) await this.#startAhead(next);
    const { identity, revisions } = await revisionsOf(target, plan.versionTable, work.signal);
    work.progress(`rehearsing: ${way}`);
    const went = await ahead.go({ expectFrom: revisions, expectDatabase: identity });
    this.#seen[way] = went;
    return went;
  }

  /** By the very code that verifies the real run, with the copy in the target's place. */
  async #checks(marks: Parameters<typeof verify>[1]['marks']): Promise<Rehearsal['checks']> {
    const home: Home = { config: () => this.home.config(), target: () => this.target };
    const { direction: _, ...input } = this.input;
    try {
      await verify(home, { ...input, marks }, this.work);
      return 'passed';
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'verification-failed')) throw error;
      return [error.told.why ?? error.told.what];
    }
  }

  async #state(): Promise<State> {
    const { target, plan, work } = this;
    const { versionTable } = plan;
    const session = { applicationName: sessionName(target.name, 'look'), signal: work.signal };
    const options = { versionTable, ignore: target.settings.ignore, signal: work.signal };
    const found = await withClient(target.url(), session, (client) => rowsAndSchema(client, options));
    await keepSchema(target.config.state, found.hash, found.lines);
    const version = `.${versionTable.name}`;
    // Alembic makes its own table with the first revision, and leaves it.
    const tables = Object.entries(found.tables).filter(([name]) => !name.endsWith(version));
    return { lines: found.lines, tables: Object.fromEntries(tables) };
  }
}

interface State {
  lines: string[];
  tables: BackupContents['tables'];
}

function schemaDifference(before: State, after: State): string[] {
  const { missing, added } = fingerprintDifference(before, after);
  return [...missing.map((line) => `missing: ${line}`), ...added.map((line) => `left over: ${line}`)];
}

const sameOr = (differences: readonly string[]): 'same' | readonly string[] =>
  differences.length ? differences : 'same';

/** @returns null when all revisions can be taken back */
function whyNoWayBack({ revisions }: Plan): string | null {
  const stuck = revisions.filter(({ downgrade }) => downgrade === 'missing' || downgrade === 'raises');
  const words = stuck.map(
    ({ revision, downgrade }) =>
      `the downgrade of ${revision} ${downgrade === 'missing' ? 'is missing' : 'raises an error'}`,
  );
  return words.length ? words.join('; ') : null;
}
