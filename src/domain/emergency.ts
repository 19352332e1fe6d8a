import type { Way } from './left-to-do.js';
import type { PlanSummary } from './plan.js';

/** One thing that a person did in an emergency, and what came of it. */
export interface EmergencyFact {
  /** ISO 8601, UTC. */
  at: string;
  by: string;
  what: string;
  came: string;
  ok: boolean;
  /** There was nothing to do; `came` says why. */
  nothing?: true;
  /** Something of it is left to a person, or comes later; `came` says what. */
  left?: true;
}

/** What came of it, in words; why there was nothing to do; what of it is left. */
export type Came = string | { nothing: string } | { left: string };

/** The reason that a closure of an emergency gives. */
export const EMERGENCY = 'emergency stop';

/** Where a database stands, told by a plan. */
export type FoundAt = 'old' | 'new' | 'between';

/** What was found where a run had left its target. */
export interface SeenAt {
  found: FoundAt;
  /** The revisions of the database. */
  revisions: readonly string[];
  /** How the schema differs from the one of before, a line each; empty: it does not. */
  differences: readonly string[];
}

export const seenAtText = ({ found, revisions, differences }: SeenAt): string => {
  const at = `the database is at ${revisions.join(', ') || 'base'}`;
  if (found === 'old') return `${at}, and its schema is as before the run`;
  const shown = differences.slice(0, 8).join('; ');
  const how = shown ? `; other than before: ${shown}` : '';
  return found === 'new'
    ? `${at}: all of the migration is there${how}`
    : `${at}, between before and after${how}`;
};

/** What a run that settles another one goes by. */
export interface FixSummary {
  plan: PlanSummary;
  found: FoundAt;
  /** The site is closed by the run that came to no end. */
  siteClosed: boolean;
}

/** What `fix` takes. */
export interface FixRequest {
  target: string;
  /** Default: `put-back`. */
  way?: Way;
  requestedBy?: string;
}
