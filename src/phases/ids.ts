import type { Draft } from './draft.js';

/** Characters that Alembic's version table holds. */
const MOST = 32;

/**
 * Ids as the project numbers its revisions: after `0007_parcels` come `0008_…`. Of others Alembic makes its own.
 *
 * @returns null for each that Alembic shall make
 */
export function revisionIds(
  head: string | null,
  change: string,
  drafts: readonly Draft[],
): (string | null)[] {
  const digits = /^(\d{2,6})(?:_|$)/.exec(head ?? '')?.[1];
  if (digits === undefined) return drafts.map(() => null);
  const words = change.replace(/[^a-z0-9]+/g, '_');
  return drafts.map(({ phase }, index) => {
    const number = String(Number(digits) + index + 1).padStart(digits.length, '0');
    return `${number}_${phase}_${words}`.slice(0, MOST).replace(/_+$/, '');
  });
}
