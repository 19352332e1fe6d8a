import { duration } from './units.js';
import { shortRun } from './run-id.js';

/** Header of every answer of a closed site; its value is the target's name. */
export const CLOSURE_HEADER = 'X-Lockkeeper-Closure';

/** What is closed: the whole site, or all that is no GET, HEAD or OPTIONS: people read on. */
export type Scope = 'site' | 'writes';

/** The file that closes writes only, beside the flag. */
export const writesFlag = (flag: string): string => `${flag}.writes`;
/** The flag that closes only the probe, so that the switch can be tried on an open site. */
export const probeFlag = (flag: string): string => `${flag}.probe`;

/** Answered by nginx itself: closed by the probe's flag. */
export const PROBE_PATH = '/lockkeeper-probe';
/** Answered by nginx itself, to any method, closed as the site is. */
export const STATE_PATH = '/lockkeeper-state';

/** Header of what nginx answers at these paths: the format of our lines in its configuration. */
export const SNIPPET_HEADER = 'X-Lockkeeper-Nginx';

/** Who closes or opens a site: a run opens only a closure that it made itself, a person only one made by hand. */
export interface Closer {
  kind: 'run' | 'hand';
  /** A person; for a run whoever asked for it. A claim of the sender. */
  by: string;
  /** The run; for a closure by hand the name of its logs. */
  runId: string;
}

/** A closure by hand is no run's: its logs have a name of their own, whoever makes it. */
const handRunId = (target: string): string => `hand-${target}`;

export const isHandRunId = (runId: string): boolean => runId.startsWith(handRunId(''));

/** Who closes or opens by hand, as steps take it. */
export const handOf = (target: string, by: string) => ({
  ...{ target, runId: handRunId(target), kind: 'hand' as const, by },
});

/** The reason of a closure for which nobody gave one. */
export const BY_HAND = 'closed by hand';

/** What the flag file says while the site is closed: enough to judge it without Temporal and database. */
export interface Closure extends Closer {
  formatVersion: 1;
  target: string;
  /** Left out: the whole site. */
  scope?: 'writes';
  /** For people, one line. */
  reason: string;
  /** ISO 8601, UTC. */
  since: string;
  /** When it was meant to be over: ISO 8601, UTC. */
  deadline: string;
  /** A closure by hand in which a run is at work just now: that run. */
  usedBy?: string;
}

/** What lies where the flag belongs. `since` of a strange one is the time of the file, if that is known. */
export type Flag =
  { is: 'absent' } | { is: 'closure'; closure: Closure } | { is: 'strange'; why: string; since?: string };

/** Whether a closure is the closer's to confirm, to renew and to open. */
export const isOwn = (closure: Closure, { kind, runId }: Pick<Closer, 'kind' | 'runId'>): boolean =>
  closure.kind === kind && (kind === 'hand' || closure.runId === runId);

/** The flag file's text. */
export const flagText = (closure: Closure): string => `${JSON.stringify(closure, null, 1)}\n`;

/**
 * Reads a flag file's text.
 *
 * @returns the closure, or in words why it is none
 */
export function closureFrom(text: string): Closure | string {
  if (text.trim() === '') return 'it is empty';
  const value = parsed(text);
  if (value === undefined) return 'it is no JSON';
  if (typeof value !== 'object' || value === null) return 'it is no JSON object';
  const given = value as Record<string, unknown>;
  if (given['formatVersion'] !== 1) return 'its formatVersion is not 1';
  for (const field of ['target', 'by', 'runId', 'reason'])
    if (typeof given[field] !== 'string') return `its ${field} is no text`;
  if (given['scope'] !== undefined && given['scope'] !== 'writes') return 'its scope is not writes';
  if (given['kind'] !== 'run' && given['kind'] !== 'hand') return 'its kind is neither run nor hand';
  for (const field of ['since', 'deadline'])
    if (Number.isNaN(Date.parse(String(given[field])))) return `its ${field} is no time`;
  return value as Closure;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Who made it, for people: `run 0198ab12 (ana@example.com)`, `ana@example.com by hand`. */
export const closerText = ({ kind, by, runId }: Closer): string =>
  kind === 'run' ? `run ${shortRun(runId)} (${by})` : `${by} by hand`;

/** Milliseconds past the deadline at the time `now` (milliseconds since 1970); 0 when it has not passed. */
export const overdue = ({ deadline }: Pick<Closure, 'deadline'>, now: number): number =>
  Math.max(0, now - Date.parse(deadline));

/** One line for people: who, since when, why, until when. */
export function closureText(closure: Closure, now: number): string {
  const late = overdue(closure, now);
  const age = duration(Math.max(0, now - Date.parse(closure.since)));
  const end = late ? `OVERDUE by ${duration(late)}, planned until` : 'planned until';
  const used = closure.usedBy ? `; run ${shortRun(closure.usedBy)} is at work in it` : '';
  const what = closure.scope === 'writes' ? 'writes are closed' : 'closed';
  return `${what} for ${age} by ${closerText(closure)}: ${closure.reason} (${end} ${closure.deadline})${used}`;
}
