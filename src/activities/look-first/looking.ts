import type { Client } from '../../adapters/postgres/client.js';
import type { HolderSeen, LockQuestion } from '../../adapters/postgres/lock-holders.js';
import type { BlockedReason } from '../../domain/blocked.js';
import type { Schema } from '../../schema/model.js';
import type { Ahead } from './ahead.js';
import type { Build } from './builds.js';
import type { Stall } from './stall.js';

export interface LookoutOptions {
  /** Another session than those of the migration, on the same database. */
  client: Client;
  /** Before the migration; undefined where it could not be read. */
  schema: Promise<Schema | undefined>;
  versionTable: string;
  /** What the revisions are going to send. */
  coming: Ahead;
  stall: Stall;
  /** What kept an earlier start waiting while it held locks: looked at before this one takes any. */
  ahead: readonly LockQuestion[];
  /** 1 for the first start of the migration. */
  start: number;
  attemptMs: number;
  waitMs: number;
  /** Told before a build outside of any transaction is sent. */
  onBuild: (build: Build, revision: string) => Promise<void>;
  progress: (text: string) => void;
  signal: AbortSignal;
}

/** Why a lookout has said no. */
export type Ended =
  | { how: 'begin again'; ahead: readonly LockQuestion[] }
  | ({ how: 'stop'; reason: BlockedReason; needMs?: number } & Stood)
  | { how: 'failed'; error: unknown };

/** Where it stood. */
export interface Stood {
  revision: string;
  sql: string;
  wanted: readonly LockQuestion[];
  holders: readonly HolderSeen[];
}
