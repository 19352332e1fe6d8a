import type { PhaseOfChange } from '../phased.js';

/** What a change goes through, in order. */
export const phaseNames = ['expand', 'deploy', 'backfill', 'constrain', 'contract'] as const;
export type PhaseName = (typeof phaseNames)[number];

/** Those that are revisions. */
export type RevisionPhase = Exclude<PhaseOfChange, 'backfill'>;
export const isRevisionPhase = (phase: PhaseName): phase is RevisionPhase =>
  phase !== 'deploy' && phase !== 'backfill';

/** A backfill of a change, as the workflow `backfill` takes it. */
export interface Filling {
  name: string;
  settings: Readonly<Record<string, unknown>>;
}

/** The file of a revision as it was when it was first seen. */
export interface NotedRevision {
  revision: string;
  phase: PhaseOfChange;
  /** Relative to the Alembic project. */
  file: string;
  /** Of its bytes, hexadecimal. */
  sha256: string;
}

/** One phase as it is going to be done. */
export interface PlannedPhase {
  phase: PhaseName;
  /** Whose revision files, or which is started; null: the one that is next when its turn comes. */
  release: string | null;
  /** How long after the end of the phase before. */
  afterMs: number;
  /** Whether somebody must say `go`. */
  ask: boolean;
  /** Whether there is anything to do: revisions were found, or the change file speaks of it. */
  expected: boolean;
}

/** What is to be done of a change. */
export interface PlannedChange {
  phases: readonly PlannedPhase[];
  fills: readonly Filling[];
  /** How long between two looks for old code. */
  proofEveryMs: number;
}

const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Longest wait before a phase: a year. */
export const MOST_DAYS = 365;

/**
 * Reads `0s`, `30m`, `12h`, `7d`.
 *
 * @returns milliseconds; undefined where it is no such text, or longer than a year
 */
export function spanIn(text: string): number | undefined {
  const [, digits, name] = /^(\d{1,9})\s*([smhd])$/.exec(text.trim()) ?? [];
  if (!digits || !name) return undefined;
  const ms = Number(digits) * unit[name as keyof typeof unit];
  return ms <= MOST_DAYS * unit.d ? ms : undefined;
}
