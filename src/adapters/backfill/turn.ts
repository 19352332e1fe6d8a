import type { AlembicProject } from '../alembic/project.js';

/** What one turn came to: rows that were done, or why none were. */
export interface Turn {
  rows: number;
  ms: number;
  /** Others have what it needs: it tries again after a moment. */
  waits: string | null;
  over: boolean;
}

export const nothing = (): Turn => ({ rows: 0, ms: 0, waits: null, over: false });

/** What works on a backfill begins with. */
export interface FillerOptions {
  /** Of the first batch, where it is known from before. */
  rows: number | undefined;
  /** Whose function gives the values, where one does. */
  project: AlembicProject | undefined;
  signal: AbortSignal;
}
