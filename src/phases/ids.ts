import type { Draft } from './draft.js';

/**
 * Ids as the project numbers its revisions: after `0007_parcels` come `0008_expand`, `0009_constrain`. Of others Alembic
 * makes its own.
 *
 * @returns null for each that Alembic shall make
 */
export function revisionIds(head: string | null, drafts: readonly Draft[]): (string | null)[] {
  const digits = /^(\d{2,6})(?:_|$)/.exec(head ?? '')?.[1];
  if (digits === undefined) return drafts.map(() => null);
  return drafts.map(
    ({ phase }, index) => `${String(Number(digits) + index + 1).padStart(digits.length, '0')}_${phase}`,
  );
}
