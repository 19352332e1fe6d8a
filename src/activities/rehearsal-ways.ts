import { together } from '../adapters/backup/together.js';
import { Problem } from '../domain/problem.js';
import { type Way, withExamples } from '../domain/problems/rehearsal.js';
import { type Rehearsal, timesOf } from '../domain/rehearsal.js';
import type { LostValues } from '../plan/rehearsed.js';
import type { Schema } from '../schema/model.js';
import { projectOf } from './project-of.js';
import { measureAll } from './measure.js';
import { migrationLog } from './migration-log.js';
import { examplesOf } from './rehearsal-examples.js';
import { homeOfCopy, keepOnCopy, leaveOnCopy, putBackOnCopy, type Stage } from './rehearsal-keepsakes.js';
import { measuredOf, sizesOf } from './rehearsal-measured.js';
import { type Ahead, startAhead, type Went } from './rehearsal-run.js';
import {
  comparedText,
  lostValues,
  rowDifference,
  sameOr,
  schemaDifference,
  schemaOf,
  type State,
  stateOf,
  whyNoWayBack,
} from './rehearsal-state.js';
import { revisionsOf, sessionName } from './standing.js';
import { verify } from './verify.js';
import type { Work } from './work.js';

/** On a copy nobody waits; an autovacuum that holds a lock is cancelled by the server after a second of waiting. */
const ALONE_MS = 5_000;

/** What the ways came to, and all that was seen on them. */
export interface Ways {
  outcome: Omit<Rehearsal, 'file' | 'backupProved' | 'restoreMs' | 'bytes'>;
  seen: Partial<Record<Way, Went>>;
  /** Values that were others after going back. */
  lost: readonly LostValues[];
  /** Of the copy, before the plan ran. */
  schema: Schema;
}

/** Takes a plan forward, back and forward again on a copy. Each instance does it once. */
export class Rehearsing {
  readonly #seen: Ways['seen'] = {};
  readonly #ahead = new Map<Way, Ahead>();

  constructor(
    private readonly stage: Stage,
    private readonly work: Work,
  ) {}

  async all(): Promise<Ways> {
    const { target, copy, plan } = this.stage;
    const { signal } = this.work;
    try {
      await this.#startAhead('forward');
      const [{ schema, before, measured }] = await together(
        signal,
        (either) => this.#before({ ...this.work, signal: either }),
        () => copy.becomeCareful(),
      );
      await keepOnCopy(this.stage, this.work);
      const noWayBack = whyNoWayBack(plan);
      const start = await sizesOf(copy, target, signal);
      const forward = await this.#go('forward', noWayBack ? undefined : 'back');
      const grown = await sizesOf(copy, target, signal);
      const checks = await this.#checks({ measured, note: '' });
      const back = await this.#andBack(before, noWayBack);
      const outcome = {
        forwardMs: forward.ms,
        revisions: timesOf(forward.seen),
        statements: forward.seen.filter(({ event }) => event === 'statement').length,
        checks,
        measured: measuredOf(copy, forward.traced, { start, grown }),
        compared: comparedText(before, target),
        ...back.outcome,
      };
      return { outcome, seen: this.#seen, lost: back.lost, schema };
    } finally {
      await Promise.all([...this.#ahead.values()].map((each) => each.letGo()));
    }
  }

  /** What there is before the plan runs. */
  async #before(work: Work) {
    const { target, plan } = this.stage;
    const schema = await schemaOf(target, work.signal);
    const before = await stateOf(target, plan, work);
    return { schema, before, measured: await measureAll(target, work.signal) };
  }

  async #andBack(before: State, noWayBack: string | null) {
    const { plan, target, copy, input } = this.stage;
    const notTried = {
      schemaBack: 'not tried',
      rowsBack: 'not tried',
      valuesBack: 'not tried',
      backMs: null,
    } as const;
    if (noWayBack) return { outcome: { ...notTried, noWayBack, againMs: null, againFailed: null }, lost: [] };
    const { ms: backMs } = await this.#go('back', 'forward again');
    const after = await stateOf(target, plan, this.work);
    const schemaBack = schemaDifference(before, after);
    const rowsBack = rowDifference(before, after);
    const lost = await lostValues(before, after, { copy, backup: input.backup.path, target }, this.work);
    const valuesBack = lost.map(({ table, column }) => `${table}.${column}`);
    // That it can be put back; what was lost without that is what people are told.
    await putBackOnCopy(this.stage, this.work);
    const again = await this.#again([...schemaBack, ...rowsBack, ...valuesBack]);
    const compared = {
      schemaBack: sameOr(schemaBack),
      rowsBack: sameOr(rowsBack),
      valuesBack: sameOr(valuesBack),
    };
    return { outcome: { noWayBack: null, backMs, ...compared, ...again }, lost };
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
    const { plan, target, input, forbid } = this.stage;
    const { work } = this;
    const revisions = plan.revisions.map(({ revision }) => revision);
    const ahead = startAhead(way, {
      project: projectOf(target, plan),
      revisions: way === 'back' ? revisions.toReversed() : revisions,
      applicationName: sessionName(target.name, 'rehearse', input.runId),
      lockTimeoutMs: ALONE_MS,
      trace: way === 'forward',
      ...(way === 'back' ? {} : { leave: leaveOnCopy(this.stage, way) }),
      ...(forbid ? { forbid } : {}),
      log: await migrationLog(target, input.runId, `rehearse ${way}`, work),
      ...(work.onTool ? { onTool: work.onTool } : {}),
      signal: work.signal,
    });
    this.#ahead.set(way, ahead);
    return ahead;
  }

  /** @param next - the way after this one, if there is one: its Python starts while this one's works */
  async #go(way: Way, next?: Way): Promise<Went> {
    const { plan, target, copy } = this.stage;
    const { work } = this;
    const ahead = this.#ahead.get(way) ?? (await this.#startAhead(way));
    if (next) await this.#startAhead(next);
    const { identity, revisions } = await revisionsOf(target, plan.versionTable, work.signal);
    work.progress(`rehearsing: ${way}`);
    try {
      return (this.#seen[way] = await ahead.go({ expectFrom: revisions, expectDatabase: identity }));
    } catch (error) {
      const failed = ahead.failed();
      if (!(error instanceof Problem && error.code === 'rehearsal-failed' && failed)) throw error;
      const session = { applicationName: sessionName(target.name, 'look'), signal: work.signal };
      throw withExamples(
        error,
        await examplesOf(failed, copy.server?.url ?? copy.url, session).catch(() => ''),
      );
    }
  }

  /** By the very code that verifies the real run, with the copy in the target's place. */
  async #checks(marks: Parameters<typeof verify>[1]['marks']): Promise<Rehearsal['checks']> {
    const home = homeOfCopy(this.stage);
    const { direction: _, backup: _backup, ...input } = this.stage.input;
    try {
      await verify(home, { ...input, marks }, this.work);
      return 'passed';
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'verification-failed')) throw error;
      return [error.told.why ?? error.told.what];
    }
  }
}
