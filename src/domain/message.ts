import type { BlockedChoice } from './blocked-gate.js';
import type { Choice } from './gate.js';

/** What can be said to a run, and by whom. The name is a claim of the sender, and everything may be missing. */
export interface Message {
  by?: string;
  note?: string;
  /** For the gate: the plan's hash, or its first 8 characters or more. */
  plan?: string;
  /** For a team of one: the target's name, typed. */
  typed?: string;
  choice?: Choice | BlockedChoice;
  /** For `choose` of `budget`: how long others may wait in all. */
  budgetMs?: number;
  /** For `choose` of `cancel`: process ids of sessions that hold the lock. */
  pids?: readonly number[];
  /** For `stop`: the sender has put the rest right by hand. */
  doneByHand?: boolean;
  /** For `maintenance`: close the site (`on`) or open it. */
  turn?: 'on' | 'off';
  /** For `maintenance` on: for people, one line. */
  reason?: string;
  /** For `maintenance` on: planned length. */
  minutes?: number;
  /** For `maintenance` off: open it whoever closed it. */
  force?: boolean;
  /** For `rate`: the most rows a second; 0 is no limit. */
  rowsPerSecond?: number;
  /** For `go`: why it goes on although its time has not come, or old code may be left. */
  overrule?: string;
}
export const messageNames = [
  ...(['approve', 'reject', 'choose', 'retry', 'stop', 'maintenance'] as const),
  // To a backfill, which knows `stop`, too.
  ...(['pause', 'resume', 'rate'] as const),
  // To a change in phases, which knows `pause` and `resume`, too.
  ...(['go', 'back', 'abandon'] as const),
] as const;
export type MessageName = (typeof messageNames)[number];
