import type { BackfillDefinition, PythonWay } from '../../domain/backfill/definition.js';
import type { Client } from '../postgres/client.js';
import type { RowShape } from './row-function.js';
import { own, rangeOfKeys, tuple } from './sql.js';
import type { KeyedTable } from './table.js';

/** The statements of a backfill whose values a function gives. Values are handed over as text. */
export interface FunctionSql {
  shape: RowShape;
  /** Locks the rows and gives what the function reads. Parameters: the key after which it goes on, where there is one, and the end. */
  lock(after: number | null, until: number): string;
  /** The one row with the key. */
  lockOne: string;
  /** Parts of a statement that gives one row: `changed`, `left` and `differ`. @param first - of a parameter for each column of the key and of what is written: an array of text */
  write(first: number): string;
}

/** The table's own name for the function's rows. */
const VALUES = 'lockkeeper_values';

export function functionSql(
  client: Pick<Client, 'escapeIdentifier'>,
  { from, key, columns }: Pick<KeyedTable, 'from' | 'key' | 'columns'>,
  { python, where }: { python: PythonWay } & Pick<BackfillDefinition, 'where'>,
): FunctionSql {
  const named = (name: string) => columns.find((each) => each.name === name)!;
  const keys = key.map(({ name }) => named(name));
  const others = python.reads.map(named).filter(({ name }) => !keys.some((each) => each.name === name));
  const shape = { reads: [...keys, ...others], writes: python.writes.map(named), width: key.length };
  const quoted = keys.map(({ name }) => client.escapeIdentifier(name));
  const read = shape.reads.map(({ name, isArray }) => {
    const column = client.escapeIdentifier(name);
    return isArray ? `array_to_json(${column}::text[])::text` : `${column}::text`;
  });
  const locked = (rows: string) =>
    `SELECT ${read.join(', ')} FROM ${from} WHERE ${rows}${where === null ? '' : ` AND ${own(where)}`}
     ORDER BY ${quoted.join(', ')} FOR NO KEY UPDATE`;
  const values = (first: number) => key.map(({ type }, at) => `$${first + at}::${type}`);
  const handed = [...keys, ...shape.writes];
  const cast = handed.map(({ type }, at) => `v${at}::${type} AS v${at}`).join(', ');
  const names = handed.map((_, at) => `v${at}`).join(', ');
  const sets = python.writes.map((name, at) => `${client.escapeIdentifier(name)} = v.v${keys.length + at}`);
  return {
    shape,
    lock: (after, until) => locked(rangeOfKeys(quoted, values, after, until)),
    lockOne: locked(`${tuple(quoted)} = ${tuple(values(1))}`),
    write: (first) =>
      `${VALUES} AS (SELECT ${cast} FROM unnest(${handed.map((_, at) => `$${first + at}::text[]`).join(', ')}) u(${names})),
       did AS (UPDATE ${from} AS t SET ${sets.join(', ')} FROM ${VALUES} v
         WHERE ${quoted.map((name, at) => `t.${name} = v.v${at}`).join(' AND ')} RETURNING NULL),
       counted AS (SELECT count(*)::float8 AS changed, 0::float8 AS "left", 0::float8 AS differ FROM did)`,
  };
}
