import type { Part } from './draft.js';
import { parts } from './draft.js';
import { beside, literal, nameOf } from './names.js';

/** A column, and what it is computed from: an expression of the other side's columns, null where it is a plain copy. */
export interface Computed {
  column: string;
  type: string;
  /** Of the columns of its row. */
  expression: string;
  plain: boolean;
}

/** Two sides of one row that are kept in step: what one says the other says, too. */
export interface Sync {
  table: string;
  /** Of the function; triggers have it with a word behind. */
  name: string;
  /** The new columns, each from the old ones. */
  news: readonly Computed[];
  /** The old ones, each from the new ones. */
  olds: readonly Computed[];
}

/** Types without a notion of equality (https://www.postgresql.org/docs/current/datatype-json.html): compared as text. */
const UNEQUAL = /^(json|xml|point|line|lseg|box|path|polygon|circle)(\[\])*$/;
export const equalOf = (type: string, value: string): string =>
  UNEQUAL.test(type) ? `(${value})::text` : value;

/** The expression as the column takes it. */
export const valueOf = ({ expression, plain, type }: Computed): string =>
  plain ? expression : `CAST(${expression} AS ${type})`;

/** Whether rows are out of step, as a condition of a row of the table. */
export const differs = (computed: readonly Computed[]): string =>
  computed
    .map((one) => `${equalOf(one.type, one.column)} IS DISTINCT FROM ${equalOf(one.type, valueOf(one))}`)
    .join(' OR ');

/** The same of the row that is written. */
const differsNow = (computed: readonly Computed[]): string =>
  computed.every(({ plain }) => plain)
    ? computed
        .map(
          ({ type, column, expression }) =>
            `${equalOf(type, `NEW.${column}`)} IS DISTINCT FROM ${equalOf(type, `NEW.${expression}`)}`,
        )
        .join(' OR ')
    : `(SELECT ${differs(computed)} FROM (SELECT NEW.*) AS written)`;

/** @param indent - of its lines but the first */
const assign = (computed: readonly Computed[], indent: string): string =>
  (computed.every(({ plain }) => plain)
    ? computed.map(({ column, expression }) => `NEW.${column} := NEW.${expression};`)
    : [
        `SELECT ${computed.map(valueOf).join(', ')}`,
        `    INTO ${computed.map(({ column }) => `NEW.${column}`).join(', ')} FROM (SELECT NEW.*) AS written;`,
      ]
  ).join(`\n${indent}`);

const [ONCE, TWICE] = [' '.repeat(8), ' '.repeat(12)];

const changed = (computed: readonly Computed[]): string =>
  computed
    .map(
      ({ column, type }) =>
        `${equalOf(type, `NEW.${column}`)} IS DISTINCT FROM ${equalOf(type, `OLD.${column}`)}`,
    )
    .join(' OR ');

/**
 * Who is written counts: UPDATE OF knows the columns that a statement names, though their values may be the same, or
 * NULL. Whoever writes both sides in step is left alone; where they are not, the new side counts. The functions
 * change the row that is written and send no statement, so that nothing fires again.
 */
const body = ({ news, olds }: Sync): string => `
#variable_conflict use_column
BEGIN
    IF TG_OP = 'INSERT' AND ${news.map(({ column }) => `NEW.${column} IS NULL`).join(' AND ')} THEN
        ${assign(news, ONCE)}
    ELSIF TG_OP = 'UPDATE' AND TG_ARGV[0] = 'old' THEN
        IF ${changed(news)} THEN
            RETURN NEW;  -- the new side is written as well
        END IF;
        IF ${differsNow(olds)} THEN
            ${assign(news, TWICE)}
        END IF;
    ELSIF ${differsNow(news)} THEN
        ${assign(olds, ONCE)}
    END IF;
    RETURN NEW;
END
`;

const columns = (computed: readonly Computed[]): string => computed.map(({ column }) => column).join(', ');

/** Names of the triggers; those of one moment fire in the order of their names: the old side first. */
const triggers = (name: string): [insert: string, old: string, next: string] => [
  nameOf(name, '1'),
  nameOf(name, '2'),
  nameOf(name, '3'),
];

/** The function and its triggers: one transaction with what adds the columns, so that no write is missed. */
export function synced(sync: Sync): Part[] {
  const { table, name, news, olds } = sync;
  const fn = `${beside(table, name)}()`;
  const [insert, old, next] = triggers(name);
  return [
    {
      why: 'keeps both sides in step whoever writes; NULL is a value as any other',
      sql: `CREATE FUNCTION ${fn} RETURNS trigger LANGUAGE plpgsql AS $$${body(sync)}$$`,
    },
    ...parts(
      `CREATE TRIGGER ${insert} BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${fn}`,
      `CREATE TRIGGER ${old} BEFORE UPDATE OF ${columns(olds)} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${beside(table, name)}('old')`,
      `CREATE TRIGGER ${next} BEFORE UPDATE OF ${columns(news)} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${beside(table, name)}('new')`,
    ),
  ];
}

/** Takes both away again. */
export const unsynced = ({ table, name }: Sync): Part[] =>
  parts(
    ...triggers(name).map((trigger) => `DROP TRIGGER ${trigger} ON ${table}`),
    `DROP FUNCTION ${beside(table, name)}()`,
  );

/** Stops the migration before it takes a lock, where rows are not as they must be. */
export const proof = (table: string, rows: string, message: string): Part => ({
  why: 'proved before a lock is taken',
  sql: `DO $$
BEGIN
    IF EXISTS (SELECT FROM ${table} WHERE ${rows}) THEN
        RAISE EXCEPTION USING MESSAGE = ${literal(message)};
    END IF;
END $$`,
});
