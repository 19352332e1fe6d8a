import type { BridgeEvent } from '../adapters/alembic/events.js';
import type { Place } from '../domain/live-text.js';
import type { Plan } from '../domain/plan.js';

/** Where a migration is, as the bridge told it. Alembic's own statements to its version table do not count. */
export class PlaceSeen {
  readonly #plan: Plan;
  #place: Place | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** null: before its first revision. */
  get place(): Place | null {
    return this.#place;
  }

  take(event: BridgeEvent): void {
    if (event.event === 'step') {
      const { revision, index, of } = event;
      // Where some revisions are in already nobody knows how many statements the rest have.
      const whole = of === this.#plan.revisions.length;
      const statements = whole ? this.#plan.coverage.total : null;
      this.#place = { revision, index, of, done: this.#place?.done ?? 0, statements };
    }
    if (event.event === 'statement' && this.#place && !event.sql.includes(this.#plan.versionTable.name))
      this.#place = { ...this.#place, done: this.#place.done + 1 };
  }
}
