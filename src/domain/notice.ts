import type { Outcome } from './record.js';

/** What people are told about. */
export const eventNames = [
  ...(['gate-open', 'reminder', 'ended', 'undo-failed', 'closure-overdue'] as const),
  // A scheduled backup or proof failed; the last proven backup is older than allowed.
  ...(['backup-failed', 'backup-overdue'] as const),
  // What was taken and kept is soon to go.
  ...(['keepsake-ends'] as const),
] as const;
export type EventName = (typeof eventNames)[number];

/** One thing that people are told. */
export interface Notice {
  event: EventName;
  /** For people, one line, free of secrets. */
  text: string;
  /** How the run ended, with `ended`. */
  outcome?: Outcome;
}

/** A notice as a webhook gets it. Fields are only ever added; a change of meaning raises `schemaVersion`. */
export const noticeJson = (
  target: string,
  runId: string,
  { event, text, outcome }: Notice,
  at: string,
): Record<string, unknown> => ({
  schemaVersion: 1,
  event,
  target,
  run: runId,
  at,
  text,
  ...(outcome ? { outcome } : {}),
});
