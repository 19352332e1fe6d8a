import type { AlterTableCmd, ColumnDef, Constraint, Node, ObjectType, RangeVar } from '@pgsql/types';
import { identifier } from '../domain/sql-name.js';
import { kept } from './kept.js';

export { identifier } from '../domain/sql-name.js';
export type {
  AlterTableCmd,
  ColumnDef,
  Constraint,
  DefElem,
  Node,
  ObjectType,
  RangeVar,
  TypeName,
} from '@pgsql/types';

type KeyOf<Union> = Union extends Union ? keyof Union : never;
export type Kind = KeyOf<Node>;
export type Content<K extends Kind> = K extends Kind ? Extract<Node, Record<K, unknown>>[K] : never;

/** The content of a node of that kind; undefined when it is of another. */
export const read = <K extends Kind>(node: Node | undefined, kind: K): Content<K> | undefined =>
  (node as Partial<Record<K, Content<K>>> | undefined)?.[kind];

/** The contents of those nodes of a list that are of that kind. */
export function readAll<K extends Kind>(nodes: readonly Node[] | undefined, kind: K): Content<K>[] {
  const found: Content<K>[] = [];
  for (const node of nodes ?? []) {
    const content = read(node, kind);
    if (content !== undefined) found.push(content);
  }
  return found;
}

/** Asked several times of each statement: without a list of its keys. */
export function kindOf(node: Node): Kind {
  for (const kind in node) return kind as Kind;
  return undefined as never;
}

/** Its kind, or of an ALTER TABLE that `actionsOf` has taken apart that of its command. */
export function kindOfAction(node: Node): Kind | NonNullable<AlterTableCmd['subtype']> {
  const cmd = read(read(node, 'AlterTableStmt')?.cmds?.[0], 'AlterTableCmd');
  return cmd?.subtype ?? kindOf(node);
}

/** `orders`, `sales.orders`, `"Order"`: as SQL and to_regclass() take it; empty where there is none. */
export function nameOf(relation: RangeVar | undefined): string {
  if (!relation?.relname) return '';
  const name = identifier(relation.relname);
  return relation.schemaname ? `${identifier(relation.schemaname)}.${name}` : name;
}

/** The name that a list of name parts spells. */
export function dotted(parts: readonly Node[] | undefined): string {
  let name: string | undefined;
  for (const part of parts ?? []) {
    const text = read(part, 'String');
    if (text)
      name = name === undefined ? identifier(text.sval ?? '') : `${name}.${identifier(text.sval ?? '')}`;
  }
  return name ?? '';
}

/** The name of an object as DROP, COMMENT and the like give it, whatever its kind. */
export const nameOfObject = (object: Node | undefined): string =>
  identifier(read(object, 'String')?.sval ?? '').replace(/^""$/, '') ||
  dotted(read(object, 'List')?.items) ||
  dotted(read(object, 'TypeName')?.names) ||
  dotted(read(object, 'ObjectWithArgs')?.objname);

/** The table part of `{table, object}`, as DROP TRIGGER, DROP POLICY and DROP RULE name their object. */
export const tableOfObject = (object: Node): string => dotted(read(object, 'List')?.items?.slice(0, -1));

/** One command of ALTER TABLE, INDEX, VIEW, SEQUENCE … */
export interface Alteration {
  of: ObjectType;
  table: string;
  cmd: AlterTableCmd;
}

/** The only command of an ALTER TABLE that `actionsOf` has taken apart. */
export const alterationOf = kept((node: Node): Alteration | undefined => {
  const statement = read(node, 'AlterTableStmt');
  const cmd = read(statement?.cmds?.[0], 'AlterTableCmd');
  return (
    statement && cmd && { of: statement.objtype ?? 'OBJECT_TABLE', table: nameOf(statement.relation), cmd }
  );
});

/**
 * What a statement does, each part to be judged by itself: ALTER TABLE command by command, CREATE SCHEMA with what it
 * makes in it, the query that EXPLAIN ANALYZE or a cursor runs.
 */
export function actionsOf(node: Node): Node[] {
  const run = runBy(node);
  if (run) return actionsOf(run);
  const schema = read(node, 'CreateSchemaStmt');
  if (schema?.schemaElts) {
    const { schemaElts, ...empty } = schema;
    return [{ CreateSchemaStmt: empty }, ...schemaElts.flatMap(actionsOf)];
  }
  const statement = read(node, 'AlterTableStmt');
  if (!statement?.cmds || statement.cmds.length < 2) return [node];
  return statement.cmds.map((cmd) => ({ AlterTableStmt: { ...statement, cmds: [cmd] } }));
}

/** The query that it runs without being one. */
function runBy(node: Node): Node | undefined {
  const explain = read(node, 'ExplainStmt');
  const analyze = readAll(explain?.options, 'DefElem').find(({ defname }) => defname === 'analyze');
  const off = /^(false|off|0)$/i.test(read(analyze?.arg, 'String')?.sval ?? '');
  if (analyze && !off) return explain?.query;
  return read(node, 'DeclareCursorStmt')?.query;
}

/** A command of ALTER TABLE of one of the given kinds, on a table. */
export function tableCommand(
  node: Node,
  ...subtypes: NonNullable<AlterTableCmd['subtype']>[]
): Alteration | undefined {
  const statement = read(node, 'AlterTableStmt');
  const subtype = read(statement?.cmds?.[0], 'AlterTableCmd')?.subtype;
  const fits = statement?.objtype === 'OBJECT_TABLE' && subtype !== undefined && subtypes.includes(subtype);
  return fits ? alterationOf(node) : undefined;
}

export interface AddedColumn {
  table: string;
  name: string;
  column: ColumnDef;
  constraints: readonly Constraint[];
}

/** What ALTER TABLE … ADD COLUMN adds. */
export const addedColumn = kept((node: Node): AddedColumn | undefined => {
  const added = tableCommand(node, 'AT_AddColumn');
  const column = read(added?.cmd.def, 'ColumnDef');
  if (!added || !column) return undefined;
  const name = identifier(column.colname ?? '');
  return { table: added.table, name, column, constraints: readAll(column.constraints, 'Constraint') };
});

export interface AddedConstraint {
  table: string;
  /** To speak of it. */
  name: string;
  constraint: Constraint;
}

/** What ALTER TABLE … ADD CONSTRAINT adds. */
export const addedConstraint = kept((node: Node): AddedConstraint | undefined => {
  const added = tableCommand(node, 'AT_AddConstraint');
  const constraint = read(added?.cmd.def, 'Constraint');
  if (!added || !constraint) return undefined;
  return {
    table: added.table,
    name: constraint.conname ? identifier(constraint.conname) : 'a constraint',
    constraint,
  };
});

export const ofType = (constraints: readonly Constraint[], ...types: NonNullable<Constraint['contype']>[]) =>
  constraints.find(({ contype }) => contype !== undefined && types.includes(contype));

/** The default that rows which exist already would get; DEFAULT NULL counts as none. */
export function defaultOf(constraints: readonly Constraint[]): Node | undefined {
  const value = ofType(constraints, 'CONSTR_DEFAULT')?.raw_expr;
  return read(value, 'A_Const')?.isnull ? undefined : value;
}

/** All nodes inside, the outermost first. Without recursion: expressions may be nested thousands deep. */
export function inside(root: unknown): Node[] {
  const found: Node[] = [];
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (let at = value.length - 1; at >= 0; at -= 1) waiting.push(value[at]);
      continue;
    }
    const keys = Object.keys(value);
    if (keys.length === 1 && isKind(keys[0]!)) found.push(value as Node);
    for (let at = keys.length - 1; at >= 0; at -= 1) {
      const inner = (value as Record<string, unknown>)[keys[at]!];
      if (typeof inner === 'object') waiting.push(inner);
    }
  }
  return found;
}

/** Kinds begin with a capital, the names of their parts do not. */
function isKind(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 65 && first <= 90;
}
