import type { StallOptions } from './blocked.js';
import type { Doing } from './doing.js';

/** Which run of which target. */
export interface RunInput {
  target: string;
  runId: string;
  /** For the journal; absent of what is done by hand. */
  doing?: Doing;
}

/** What every step of a plan is told: all else it reads itself. */
export interface StepInput extends RunInput {
  planHash: string;
  /** When the plan was made: ISO 8601, UTC. */
  madeAt?: string | undefined;
  /** `back`: the release that ran before, instead of the plan's. Default: the plan's. */
  direction?: 'back';
  /**
   * Of `upgrade` and `downgrade`: hash of the plan whose release has the revision files; default: the plan's own. A newer
   * release knows the revisions of those before it, while their files may be gone.
   */
  filesOf?: string;
  /** Of a rollback over deploys: hash of its own plan, which the journal names in place of that of one deploy. */
  partOf?: string;
  /** Of `upgrade` and `downgrade`: what a person decided after it was blocked. */
  stall?: StallOptions;
}

/** What came of a step, in a few words for the record. */
export interface Noted {
  note: string;
}

/** One value that must stay the same, as it was measured before the migration. */
export interface Measured {
  check: string;
  /** The mark under which rows are compared while the site is open; null: all rows. */
  mark: string | null;
  /** The result, as text; long ones as their SHA-256. */
  value: string;
}

export interface Marks extends Noted {
  measured: readonly Measured[];
}

/** What came of an undo: done (`note`), or deliberately not done (`left` says why). */
export interface Undone {
  note?: string;
  left?: string;
  /** Why the site stays closed although this opened what was its to open. */
  closed?: string;
}

/** The release that a run is about, and what ran when the run began (null: not known, or nothing). */
export interface Release extends Noted {
  name: string;
  running: string | null;
}
