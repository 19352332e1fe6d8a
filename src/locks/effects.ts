import type { LockMode } from '../domain/plan.js';

/** What one statement (one command of ALTER TABLE) does to one relation, as measured on real servers. */
export interface RelationEffect {
  /** As the statement has it where it names it, else its key in the schema. */
  name: string;
  /** Tells whether two effects are on the same relation: its key in the schema, or as the statement has it. */
  key: string;
  kind: 'table' | 'index' | 'sequence' | 'view';
  /** The strongest lock that it takes. */
  lock: LockMode;
  /** Until the end of the transaction; or only while it runs (CONCURRENTLY). */
  held: 'to commit' | 'while it runs';
  /** All of it is written anew. */
  rewrites: boolean;
  /** All of its rows are read under that lock. */
  scans: boolean;
  /** How many of its indexes are built, rebuilt ones included. */
  builds: number;
  /** Why this relation, where the statement does not name it: `referenced by orders_shop`, `partition of events`. */
  why?: string;
}

export interface Effects {
  /** Names of its shapes in the lock model, such as `add column that rewrites`; `''` where it knows none. */
  shape: string;
  relations: readonly RelationEffect[];
  /** It cannot run inside of a transaction; where the version is not known: of any version. */
  needsNoTransaction: boolean;
  /** It fails, for certain, on this server and schema: the reason in words. */
  fails?: string;
  /** What is not known without a catalog, and would change the verdict: one sentence each. */
  unsure: readonly string[];
}
