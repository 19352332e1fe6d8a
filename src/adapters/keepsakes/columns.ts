import type { KeptColumn, PlannedKeepsake } from '../../domain/keepsake.js';

/** How a value is kept: as it is, or as text where its type is none of PostgreSQL's own. */
export const keptType = ({ builtIn, type }: KeptColumn): string => (builtIn ? type : 'text');

/** The columns of the key as a list of declarations, named by their place: `k0 bigint, k1 text`. */
export const keyColumns = ({ key }: Pick<PlannedKeepsake, 'key'>, first: string, between = ','): string =>
  key.map((column, at) => `${first}${at} ${keptType(column)}`).join(`${between} `);

/** Their names alone: `k0, k1`. */
export const keyNames = ({ key }: Pick<PlannedKeepsake, 'key'>, first = 'k'): string =>
  key.map((_, at) => `${first}${at}`).join(', ');

export const valueNames = ({ columns }: Pick<PlannedKeepsake, 'columns'>): string[] =>
  columns.map((_, at) => `v${at}`);

/** The kept columns likewise: `v0 text`. */
export const valueColumns = ({ columns }: Pick<PlannedKeepsake, 'columns'>): string =>
  columns.map((column, at) => `, v${at} ${keptType(column)}`).join('');

/** A kept value as one of the column that it goes back to. */
export const asColumn = (value: string, { builtIn, type }: KeptColumn): string =>
  builtIn ? value : `${value}::${type}`;
