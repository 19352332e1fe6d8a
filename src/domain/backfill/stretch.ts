import type { BackfillStanding, ParkedRow } from './definition.js';

/** What a backfill begins with. */
export interface BackfillBegun {
  /** What people should know: triggers, publications, indexes. */
  notes: readonly string[];
  standing: BackfillStanding;
}

/** What a while of work came to. */
export interface BackfillStretch {
  is: 'going on' | 'over' | 'outside hours';
  /** Of `outside hours`: when it may go on, ISO 8601, UTC. */
  until?: string;
  standing: BackfillStanding;
  rows: number;
  ms: number;
  /** Why it did nothing at the end, in words; empty: it did. */
  held: readonly string[];
  share: number;
  batchRows: number;
  /** The first rows that are parked. */
  parked: readonly ParkedRow[];
}
