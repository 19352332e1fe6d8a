import type { Risk } from '../../src/domain/risk.js';

/** One migration and what is true of it, on a large table that a running application reads and writes. */
export interface Case {
  /**
   * `dangerous`: somebody waits for as long as the table is large, rows or values are lost or become others, the
   * running release fails, or the statement itself does, or what happens cannot be known. `safe`: none of these.
   */
  truth: 'dangerous' | 'safe';
  /** The class that the table of risks gives it. */
  risk: Risk;
  why: string;
  sql: string;
  /** What was there before. Without it everything that the SQL names exists and is large. */
  schema?: string;
  /** Major version of the server; 16 where it does not matter. */
  postgres?: number;
}

type More = Pick<Case, 'schema' | 'postgres'>;

export const dangerous = (risk: Risk, why: string, sql: string, more: More = {}): Case => ({
  truth: 'dangerous',
  risk,
  why,
  sql,
  ...more,
});

export const safe = (risk: Risk, why: string, sql: string, more: More = {}): Case => ({
  truth: 'safe',
  risk,
  why,
  sql,
  ...more,
});
