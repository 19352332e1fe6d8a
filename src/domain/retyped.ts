/** A column whose type a downgrade changes, so that the database can be asked which values do not fit. */
export interface Retyped {
  /** As to_regclass() takes it. */
  table: string;
  /** As the catalog has it, unquoted. */
  column: string;
  /** A type of PostgreSQL, no array, by its name in the catalog: `int4`; with length, or digits and scale. */
  to: { name: string; sizes: readonly number[] };
}

/** As the catalog has it: `int4`, `numeric(10,2)`. */
export const nameOfType = ({ name, sizes }: Retyped['to']): string =>
  sizes.length > 0 ? `${name}(${sizes.join(',')})` : name;
