import columnTypeMayLose from '../rules/column-type-may-lose-values.js';
import { contextOf } from '../rules/context.js';
import { isBookkeeping } from '../rules/harmless.js';
import { isQuery } from '../rules/touched.js';
import { apply } from '../schema/apply.js';
import type { Schema } from '../schema/model.js';
import { isNew } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import {
  actionsOf,
  identifier,
  inside,
  nameOf,
  nameOfObject,
  read,
  readAll,
  tableCommand,
} from '../sql/ast.js';
import type { Parsed } from '../sql/parse.js';
import { CurrentNames } from './current-names.js';

/** What one action of a plan takes from a table that was there before. */
export interface Gone {
  revision: string;
  /** As the plan finds it: names that the plan gives are traced back. */
  table: string;
  /** As the statement has it. */
  named: string;
  /** In words: `drops the column note`. */
  takes: string;
  columns: readonly { name: string; goes: 'dropped' | 'changed' }[];
  /** Whole rows may go. */
  rows: boolean;
  /** The table itself goes. */
  drop?: { cascades: boolean; alone: boolean };
}

/** What a revision does, as far as it was read. */
export interface ReadUp {
  revision: string;
  up: readonly Parsed[];
}

/**
 * What a plan removes or changes of what was there before, in its order. Of what cannot be read there is nothing:
 * findings tell of that.
 *
 * @param schema - before the plan; changed with each statement
 */
export function goneIn(revisions: readonly ReadUp[], schema: Schema, versionTable: string): Gone[] {
  const names = new CurrentNames();
  const added = new Set<string>();
  const gone: Gone[] = [];
  for (const { revision, up } of revisions)
    for (const part of up)
      for (const action of 'node' in part ? actionsOf(part.node) : []) {
        if (isBookkeeping(action, versionTable)) continue;
        const found = takenBy(action, schema).filter(({ named }) => !isNew(schema, named));
        for (const { named, columns, ...taken } of found) {
          const old = columns.filter(({ name }) => !added.has(`${named}.${identifier(name)}`));
          if (columns.length > 0 && old.length === 0 && !taken.rows) continue;
          const before = old.map((each) => ({ ...each, name: names.columnBefore(named, each.name) }));
          gone.push({ ...taken, revision, named, columns: before, table: names.tableBefore(named) });
        }
        const column = tableCommand(action, 'AT_AddColumn');
        const name = read(column?.cmd.def, 'ColumnDef')?.colname;
        if (column && name) added.add(`${column.table}.${identifier(name)}`);
        names.follow(action);
        apply(schema, action);
      }
  return gone;
}

type Taken = Omit<Gone, 'revision' | 'table'>;

function takenBy(action: Node, schema: Schema): Taken[] {
  return [
    ...tablesDropped(action),
    ...columnDropped(action),
    ...typeChanged(action, schema),
    ...rowsIn(action),
  ];
}

function tablesDropped(action: Node): Taken[] {
  const drop = read(action, 'DropStmt');
  if (drop?.removeType !== 'OBJECT_TABLE') return [];
  const objects = drop.objects ?? [];
  return objects.map((object) => ({
    named: nameOfObject(object),
    takes: 'drops the table',
    ...{ columns: [], rows: true },
    drop: { cascades: drop.behavior === 'DROP_CASCADE', alone: objects.length === 1 },
  }));
}

function columnDropped(action: Node): Taken[] {
  const dropped = tableCommand(action, 'AT_DropColumn');
  if (!dropped) return [];
  const name = dropped.cmd.name ?? '';
  const takes = `drops the column ${identifier(name)}`;
  return [{ named: dropped.table, takes, columns: [{ name, goes: 'dropped' }], rows: false }];
}

function typeChanged(action: Node, schema: Schema): Taken[] {
  const changed = tableCommand(action, 'AT_AlterColumnType');
  if (!changed || !columnTypeMayLose.check?.(action, contextOf(schema))) return [];
  const name = changed.cmd.name ?? '';
  const takes = `changes the type of ${identifier(name)}`;
  return [{ named: changed.table, takes, columns: [{ name, goes: 'changed' }], rows: false }];
}

/** Those of a statement and of what is inside of it: a WITH may change rows, too. */
function rowsIn(action: Node): Taken[] {
  const cut = read(action, 'TruncateStmt');
  if (cut)
    return readAll(cut.relations, 'RangeVar').map((table) => ({
      ...{ named: nameOf(table), takes: 'deletes all rows', columns: [], rows: true },
    }));
  return isQuery(action) ? inside(action).flatMap((node) => [...updated(node), ...deleted(node)]) : [];
}

function updated(node: Node): Taken[] {
  const update = read(node, 'UpdateStmt');
  const insert = read(node, 'InsertStmt');
  const merge = read(node, 'MergeStmt');
  const targets = [
    ...(update?.targetList ?? []),
    ...(insert?.onConflictClause?.targetList ?? []),
    ...readAll(merge?.mergeWhenClauses, 'MergeWhenClause').flatMap(({ commandType, targetList }) =>
      commandType === 'CMD_UPDATE' ? (targetList ?? []) : [],
    ),
  ];
  const relation = (update ?? insert ?? merge)?.relation;
  const columns = [...new Set(readAll(targets, 'ResTarget').map(({ name = '' }) => name))];
  if (!relation || columns.length === 0) return [];
  const takes = `changes values of ${columns.map(identifier).join(', ')}`;
  return [
    {
      named: nameOf(relation),
      takes,
      columns: columns.map((name) => ({ name, goes: 'changed' })),
      rows: false,
    },
  ];
}

function deleted(node: Node): Taken[] {
  const merge = read(node, 'MergeStmt');
  const deletes = readAll(merge?.mergeWhenClauses, 'MergeWhenClause').some(
    ({ commandType }) => commandType === 'CMD_DELETE',
  );
  const relation = read(node, 'DeleteStmt')?.relation ?? (deletes ? merge?.relation : undefined);
  return relation ? [{ named: nameOf(relation), takes: 'deletes rows', columns: [], rows: true }] : [];
}
