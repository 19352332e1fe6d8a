import type { LockedRelation, LockMode, StatementForecast } from '../domain/plan.js';
import { bytes as shown } from '../domain/units.js';
import type { Relation, Schema } from '../schema/model.js';
import type { Effects, RelationEffect } from './effects.js';

/** Bytes a second from slow to fast: what servers with network disks to such with local ones were seen to do. */
type Pace = readonly [slow: number, fast: number];
const MB = 1e6;

/** Assumptions, where nobody has measured this server. They hold for a server that is busy with other things too. */
export const paces = {
  /** Rows are read one after the other, partly from memory. */
  scan: [50 * MB, 500 * MB],
  /** The table is written anew, and each of its indexes is built again. */
  rewrite: [10 * MB, 100 * MB],
  /** Rows are read, sorted and written as an index. Counted by the bytes of the table. */
  build: [5 * MB, 50 * MB],
} as const satisfies Record<string, Pace>;
type Work = keyof typeof paces;

/** Of an index that is not there yet, in parts of its table with all other indexes: few are larger. */
const INDEX_SHARE = 0.25;

/** How long a statement keeps others waiting on one relation, and what it needs. */
export interface Wait {
  relation: string;
  lock: LockMode;
  blocks: LockedRelation['blocks'];
  work: Work | undefined;
  /** Seconds, between the fastest and the slowest that is likely. No work: as long as the transaction goes on. */
  seconds: readonly [low: number, high: number];
  /** More than there is now, until the transaction ends; for good where it is an index. */
  diskBytes: number;
  walBytes: number;
}

/**
 * @param relation - as the schema has it; its bytes are with TOAST and indexes
 * @param bytesPerSecond - of this server, where a rehearsal has measured it
 * @returns undefined where the relation's size is not known
 */
export function waitOf(
  effect: RelationEffect,
  { bytes }: Pick<Relation, 'bytes'>,
  bytesPerSecond?: number,
): Wait | undefined {
  const work = workOf(effect);
  const { name, lock } = effect;
  const wait = { relation: name, lock, blocks: blockedBy(lock), work };
  if (!work) return { ...wait, seconds: [0, 0], diskBytes: 0, walBytes: 0 };
  if (bytes === undefined) return undefined;
  const [slow, fast] = bytesPerSecond === undefined ? paces[work] : [bytesPerSecond, bytesPerSecond];
  const times = work === 'build' ? effect.builds : 1;
  const written = work === 'rewrite' ? bytes : work === 'build' ? Math.round(bytes * INDEX_SHARE) * times : 0;
  return {
    ...wait,
    seconds: [(bytes * times) / fast, (bytes * times) / slow],
    ...{ diskBytes: written, walBytes: written },
  };
}

function workOf({ rewrites, scans, builds }: RelationEffect): Work | undefined {
  if (rewrites) return 'rewrite';
  if (builds > 0) return 'build';
  return scans ? 'scan' : undefined;
}

const blocking: Partial<Record<LockMode, LockedRelation['blocks']>> = {
  SHARE: 'writes',
  'SHARE ROW EXCLUSIVE': 'writes',
  EXCLUSIVE: 'writes',
  'ACCESS EXCLUSIVE': 'reads and writes',
};

/** Whom a lock keeps waiting (PostgreSQL's manual, table 13.2). */
export const blockedBy = (lock: LockMode): LockedRelation['blocks'] => blocking[lock] ?? 'nothing';

/**
 * How long a statement takes, told from the sizes of what it reads and writes. All locks are held that long at least.
 *
 * @returns undefined where it does no work that grows with a table, or where no size is known
 */
export function forecastOf(effects: Effects, schema: Schema): StatementForecast | undefined {
  const waits = effects.relations.flatMap((effect) => {
    const relation = schema.relations.get(effect.key);
    const wait = relation && !relation.isNew ? waitOf(effect, relation, schema.bytesPerSecond) : undefined;
    return wait?.work ? [{ ...wait, bytes: relation?.bytes ?? 0 }] : [];
  });
  if (waits.length === 0) return undefined;
  const sum = (value: (wait: (typeof waits)[number]) => number) =>
    waits.reduce((total, wait) => total + value(wait), 0);
  return {
    seconds: [rounded(sum(({ seconds }) => seconds[0])), rounded(sum(({ seconds }) => seconds[1]))],
    diskBytes: sum(({ diskBytes }) => diskBytes),
    walBytes: sum(({ walBytes }) => walBytes),
    from: `${waits.map(({ relation, bytes }) => `${relation} has ${shown(bytes)}`).join(', ')}; ${paceText(waits, schema.bytesPerSecond)}`,
  };
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;

const words: Record<Work, string> = { scan: 'read', rewrite: 'written anew', build: 'indexed' };

function paceText(waits: readonly Wait[], measured: number | undefined): string {
  if (measured !== undefined) return `this server was seen to do ${Math.round(measured / MB)} MB a second`;
  const works = [...new Set(waits.flatMap(({ work }) => work ?? []))];
  const each = works.map(
    (work) => `${words[work]} at ${paces[work][0] / MB} to ${paces[work][1] / MB} MB a second`,
  );
  return `assumed: ${each.join(', ')}`;
}
