import { codeOf } from '../postgres/failures.js';

/**
 * What a batch that was refused calls for. `row`: a value of a row is why, and a smaller batch finds it. `wait`: somebody
 * has a row or table, or the server is short of something. `slow`: a statement may not take so long. `stop`: nothing mends
 * it but a person.
 */
export type Refusal = 'row' | 'wait' | 'slow' | 'stop';

/** Classes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const OF_ROWS = new Set(['20', '21', '22', '23', '2F', '38', '39', '44', 'P0']);
/** A row that cannot be read at all. */
const DAMAGED = new Set(['XX001', 'XX002']);
/** Locks, deadlocks, serialization; disk, memory and connections. */
const PASSING = /^(55P03|55006|40...|53...)$/;

/** The user's function did not do its rows. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly refusal: Refusal,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** @returns null for what PostgreSQL did not say: a lost session, or a fault of ours */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refused) return error.refusal;
  const code = codeOf(error) ?? '';
  if (!/^[0-9A-Z]{5}$/.test(code)) return null;
  if (PASSING.test(code)) return 'wait';
  if (code === '57014') return 'slow';
  return OF_ROWS.has(code.slice(0, 2)) || DAMAGED.has(code) ? 'row' : 'stop';
}

/** Code of a batch during which Python died: of the row, of the memory, or because somebody ended it. */
export const DIED = 'python-died';

/**
 * How often one row is tried at once. One that somebody holds, or during which Python dies, is then parked, and tried again at
 * the end; what the server is short of comes back.
 */
export const mostWaits = (code: string): number =>
  code === '55P03' || code.startsWith('40') ? 50 : code === DIED ? 3 : Infinity;
