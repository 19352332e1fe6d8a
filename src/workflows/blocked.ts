import { ActivityFailure, ApplicationFailure, sleep } from '@temporalio/workflow';
import { isBlocked, LOCK_BLOCKED, type Blocked } from '../domain/blocked.js';
import { peopleForBudget, stallOf, type Chosen } from '../domain/blocked-gate.js';
import { shortened } from '../domain/blocked-short.js';
import { holdersText } from '../domain/blocked-text.js';
import { rulesFrom } from '../domain/gate-settings.js';
import { closesSite, type PlanSummary } from '../domain/plan.js';
import type { StepInput } from '../domain/steps.js';
import { duration } from '../domain/units.js';
import type { Run } from './run.js';
import { compare, nextWindow } from './steps.js';

const MINUTE_MS = 60_000;
/** Stands on the timeline, where everybody lands who opens the run in the Web UI. */
const WAITING = 'blocked: User Metadata says by whom, and what to choose';

/** What a step was blocked by, when it was that which it failed with. */
export function blockedIn(error: unknown): Blocked | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== LOCK_BLOCKED) return undefined;
  const facts: unknown = cause.details?.[1];
  return isBlocked(facts) ? facts : undefined;
}

/**
 * The gate `blocked`: others keep the migration from its lock, and a person says what is done. Nothing waits for
 * them inside a transaction: it was rolled back before.
 */
export class BlockedAt {
  readonly #run: Run;
  readonly #plan: PlanSummary;
  /** Then nobody is to write until the end, and nothing but somebody's word ends it. */
  readonly #closed: boolean;
  readonly #isUndo: boolean;
  #budgetMs: number | undefined;
  #stalledMs = 0;
  /** Each try names only what it has committed itself. */
  readonly #committed = new Set<string>();
  /** What people have decided, for the next attempt. */
  input: Pick<StepInput, 'stall'> = {};

  /** @param way - `undo`: what was done is being put back */
  constructor(run: Run, plan: PlanSummary, way?: 'undo') {
    this.#run = run;
    this.#plan = plan;
    this.#isUndo = way === 'undo';
    this.#closed = closesSite(plan.procedure);
  }

  /**
   * Asks, and returns when it shall be tried again.
   *
   * @throws the failure itself when a person gives up, or nobody decides; what `compare` throws
   */
  async decide(blocked: Blocked, failure: unknown): Promise<void> {
    if (blocked.midway) throw failure; // part of a revision is committed: it cannot be begun again as it is
    this.#budgetMs ??= this.#plan.stallBudgetMs ?? blocked.budgetMs;
    const { needMs } = blocked;
    const before = this.#stalledMs;
    this.#stalledMs += blocked.stalledMs;
    for (const revision of blocked.committed) this.#committed.add(revision);
    const inAll = {
      ...{ stalledMs: this.#stalledMs, budgetMs: this.#budgetMs, committed: [...this.#committed] },
      ...(needMs === undefined ? {} : { needMs: before + needMs }),
      ...(this.#isUndo ? { undo: true as const } : {}),
    };
    const chosen = await this.#ask(shortened({ ...blocked, ...inAll }));
    if (!chosen || chosen.choice === 'give-up') throw failure;
    if (chosen.choice === 'budget') this.#budgetMs = chosen.budgetMs;
    if (chosen.choice === 'window') await this.#putOff(chosen);
    const stall = stallOf(chosen, this.#budgetMs, this.#stalledMs);
    this.input = { stall };
    this.#run.note({ kind: 'tried again', note: textOf(chosen, stall.budgetMs ?? 0) });
    // It may have waited for hours. What is committed already is another schema than the plan's.
    if (!this.#isUndo && !this.#closed && !this.#committed.size) await compare(this.#run.for(this.#plan));
  }

  async #ask(blocked: Blocked): Promise<Chosen | undefined> {
    const run = this.#run;
    const { gate, planHash, risk } = this.#plan;
    // Maintenance ends by somebody's word, never by silence: the alarm of the closure goes on meanwhile.
    const until = this.#closed ? null : new Date(Date.now() + gate.deadlineMinutes * MINUTE_MS).toISOString();
    const rules = {
      ...rulesFrom(gate, run.requestedBy, false),
      ...{ planHash, blocked, noWindow: this.#whyNoWindow() },
    };
    const { noWindow } = rules;
    run.note({ kind: 'blocked', blocked, people: peopleForBudget(rules), noWindow, until });
    run.people.askBlocked(rules, () => nextWindow({ ...run.for(this.#plan), risk, later: true }));
    const chosen = await run.whileWaiting(() => this.#answer(blocked, until));
    run.people.closeBlocked();
    await run.people.noteSenders();
    return chosen;
  }

  #whyNoWindow(): string | null {
    if (this.#isUndo) return 'what was done is being put back, and does not wait for a window';
    if (this.#closed)
      return 'the site is closed, and would be until then: give up, and deploy again when the window opens';
    const { gate, risk } = this.#plan;
    return gate.hasWindow ? null : `no window is set for changes of ${risk} risk: windows in lockkeeper.yaml`;
  }

  get #what(): string {
    return this.#isUndo ? 'putting the schema back' : 'the migration';
  }

  async #answer(blocked: Blocked, until: string | null): Promise<Chosen | undefined> {
    const { people } = this.#run;
    const silence = until === null ? 'the site is closed until then' : `silence until ${until} gives up`;
    await this.#run.tell('gate-open', `${this.#what} waits for a lock: ${holdersText(blocked)}; ${silence}`);
    if (until === null) return people.choice();
    const { deadlineMinutes, reminderMinutes } = this.#plan.gate;
    const chosen = await people.choice((deadlineMinutes - reminderMinutes) * MINUTE_MS, WAITING);
    if (chosen) return chosen;
    this.#run.note({ kind: 'reminded' });
    await this.#run.tell('reminder', `${this.#what} still waits for a lock, until ${until}`);
    return people.choice(reminderMinutes * MINUTE_MS, `reminded; ${WAITING}`);
  }

  async #putOff({ waitMs, note }: Extract<Chosen, { choice: 'window' }>): Promise<void> {
    this.#run.note({ kind: 'put off', note });
    await sleep(waitMs, { summary: note });
  }
}

const textOf = (chosen: Chosen, leftMs: number): string => {
  const left = `others may wait for ${duration(leftMs)} more`;
  if (chosen.choice === 'cancel')
    return `pid ${chosen.sessions.map(({ pid }) => pid).join(', ')} ended first; ${left}`;
  return left;
};
