import type { CallsNoted, RunStatement } from '../../adapters/postgres/statements.js';

/** What is known of how often statements had been run when the deploy was over. */
export interface Before {
  /** null: nothing was noted then. */
  noted: CallsNoted | null;
  /** When the deploy was over: ISO 8601, UTC. */
  since: string;
  /** When counting began anew: ISO 8601, UTC; null: not told. */
  reset: string | null;
}

/** How often a statement has been run since the deploy. @returns null where that cannot be told */
export function callsSince({ key, calls, since }: RunStatement, before: Before): number | null {
  const from = before.noted?.at ?? before.since;
  // Counted since later than that: all of it is new.
  if ((since !== null && since >= from) || (before.reset !== null && before.reset >= from)) return calls;
  if (!before.noted) return null;
  const known = before.noted.calls[key];
  // Fewer than before: it was forgotten, and counted anew.
  return known === undefined || calls < known ? calls : calls - known;
}

/** Of what was noted, what is the nearest to the end of the deploy, and not from before it. */
export function notedAfter(all: readonly CallsNoted[], since: string): CallsNoted | null {
  const from = Date.parse(since) - CLOCKS_MS;
  const after = all.filter(({ at }) => Date.parse(at) >= from);
  return after.sort((a, b) => a.at.localeCompare(b.at))[0] ?? null;
}

/** The clocks of the server and of this host may differ. */
const CLOCKS_MS = 60_000;
