import type { ContractStep } from '../domain/phase.js';
import { changed, columnOf, type NewColumns } from '../rules/added-columns.js';
import type { Constraint, Node } from '../sql/ast.js';
import {
  addedColumn,
  addedConstraint,
  defaultOf,
  identifier,
  nameOf,
  nameOfObject,
  ofType,
  read,
  readAll,
  tableCommand,
} from '../sql/ast.js';
import { isSerial } from '../sql/types.js';

type Taken = Omit<ContractStep, 'revision'>;

/**
 * What one command takes away from a release that knows the schema as it was, or forbids it.
 *
 * @param columns - those that the run has added: the running release does not know them
 */
export function takenBy(action: Node, columns: NewColumns): Taken[] {
  const isNew = ({ table, column }: Taken) => column !== undefined && columns.has(`${table}.${column}`);
  const all = [...dropped(action), ...renamed(action), ...tightened(action), ...constrained(action)];
  return [...all.filter((one) => !isNew(one)), ...required(action, columns)];
}

function dropped(action: Node): Taken[] {
  const drop = read(action, 'DropStmt');
  const kinds: Record<string, string> = {
    OBJECT_TABLE: 'table',
    OBJECT_VIEW: 'view',
    OBJECT_MATVIEW: 'view',
    OBJECT_SEQUENCE: 'sequence',
    OBJECT_FUNCTION: 'function',
    OBJECT_TYPE: 'type',
  };
  const kind = kinds[drop?.removeType ?? ''];
  if (drop && kind)
    return (drop.objects ?? []).map((object) => ({
      what: `drops the ${kind} ${nameOfObject(object)}`,
      table: nameOfObject(object),
    }));
  const column = tableCommand(action, 'AT_DropColumn');
  return column ? [ofColumn('drops', column.table, column.cmd.name)] : [];
}

function renamed(action: Node): Taken[] {
  const moved = read(action, 'AlterObjectSchemaStmt');
  if (moved?.relation) return [{ what: `moves ${nameOf(moved.relation)}`, table: nameOf(moved.relation) }];
  const rename = read(action, 'RenameStmt');
  if (!rename?.relation) return [];
  const table = nameOf(rename.relation);
  if (rename.renameType === 'OBJECT_COLUMN') return [ofColumn('renames', table, rename.subname)];
  return /_(TABLE|VIEW|MATVIEW|SEQUENCE)$/.test(rename.renameType ?? '')
    ? [{ what: `renames ${table}`, table }]
    : [];
}

/** Values that the release writes today and that would be refused, or others than it means. */
function tightened(action: Node): Taken[] {
  const set = tableCommand(action, 'AT_SetNotNull');
  if (set) return [ofColumn('requires a value of', set.table, set.cmd.name)];
  const type = tableCommand(action, 'AT_AlterColumnType');
  if (type) return [ofColumn('changes the type of', type.table, type.cmd.name)];
  const value = tableCommand(action, 'AT_ColumnDefault', 'AT_DropIdentity');
  return value && !value.cmd.def ? [ofColumn('drops the default of', value.table, value.cmd.name)] : [];
}

const kinds: Partial<Record<NonNullable<Constraint['contype']>, string>> = {
  CONSTR_CHECK: 'a check',
  CONSTR_UNIQUE: 'uniqueness',
  CONSTR_PRIMARY: 'a primary key',
  CONSTR_EXCLUSION: 'exclusion',
  CONSTR_FOREIGN: 'a reference',
  CONSTR_NOTNULL: 'a value',
};

function constrained(action: Node): Taken[] {
  const added = addedConstraint(action);
  const kind = kinds[added?.constraint.contype ?? 'CONSTR_DEFAULT'];
  if (added && kind) {
    const keys = [...(added.constraint.keys ?? []), ...(added.constraint.fk_attrs ?? [])];
    const columns = readAll(keys, 'String').map(({ sval = '' }) => identifier(sval));
    return [demands(kind, added.table, columns)];
  }
  const index = read(action, 'IndexStmt');
  if (!index?.unique) return [];
  const columns = readAll(index.indexParams, 'IndexElem').flatMap(({ name }) =>
    name ? [identifier(name)] : [],
  );
  return [demands('uniqueness', nameOf(index.relation), columns)];
}

/** Looked for by its column where it is one alone. */
function demands(kind: string, table: string, columns: readonly string[]): Taken {
  const [column] = columns;
  const of = columns.length > 0 ? ` (${columns.join(', ')})` : '';
  const what = `demands ${kind} of ${table}${of}`;
  return column !== undefined && columns.length === 1 ? { what, table, column } : { what, table };
}

/** A new column that must have a value, and gets none from a release that does not know it. */
function required(action: Node, columns: NewColumns): Taken[] {
  const added = addedColumn(action);
  if (added) {
    const { constraints, table } = added;
    const misses = ofType(constraints, 'CONSTR_NOTNULL') && !defaultOf(constraints);
    const fills =
      isSerial(added.column.typeName) || ofType(constraints, 'CONSTR_GENERATED', 'CONSTR_IDENTITY');
    return misses && !fills ? [{ what: `requires a value of the new ${table}.${added.name}`, table }] : [];
  }
  const name = columnOf(action);
  const before = name === undefined ? undefined : columns.get(name);
  const after = before && changed(before, action);
  const table = tableCommand(action, 'AT_ColumnDefault', 'AT_SetNotNull')?.table;
  if (!after?.notNull || after.hasDefault || !table) return [];
  return [{ what: `requires a value of the new ${name}`, table }];
}

function ofColumn(does: string, table: string, column: string | undefined): Taken {
  const name = identifier(column ?? '');
  return { what: `${does} ${table}.${name}`, table, column: name };
}
