import type { BridgeEvent } from '../adapters/alembic/events.js';
import type { TracedStatement } from '../domain/trace.js';

/** The statement that a way failed on. */
export type FailedStatement = Extract<BridgeEvent, { event: 'statement_failed' }>;

/** What the bridge tells of each statement, with how long it held its locks: until its transaction was over. */
export class Traced {
  readonly #done: TracedStatement[] = [];
  #open: { statement: TracedStatement; began: number }[] = [];
  #committing = false;
  failed: FailedStatement | undefined;

  onEvent = (event: BridgeEvent): void => {
    if (this.#committing) this.#over();
    if (event.event === 'commit') this.#committing = true;
    if (event.event === 'statement_failed') this.failed = event;
    if (event.event === 'statement') this.#add(event);
  };

  /** @returns all of them; the last transaction is over by now */
  all(): readonly TracedStatement[] {
    this.#over();
    return this.#done;
  }

  #add({ revision, sql, ms, trace }: Extract<BridgeEvent, { event: 'statement' }>): void {
    const statement = { revision, sql, ms, heldMs: ms, ...(trace ? { trace } : {}) };
    this.#done.push(statement);
    if (trace?.open ?? true) this.#open.push({ statement, began: performance.now() - ms });
  }

  #over(): void {
    const now = performance.now();
    for (const { statement, began } of this.#open) statement.heldMs = Math.round(now - began);
    this.#open = [];
    this.#committing = false;
  }
}
