import type { Constraint, Content } from '../sql/ast.js';
import { dotted, identifier, nameOf, read, readAll } from '../sql/ast.js';
import { addColumn } from './columns.js';
import { columnTypeOf } from './column-type.js';
import { emptyRelation, emptyType } from './empty.js';
import { shown } from './expression.js';
import type { Schema, UserType } from './model.js';
import { localOf } from '../domain/sql-name.js';
import { chosenName, newKey, newRelationKey } from './names.js';
import { typeNamed } from './resolve.js';

function add(schema: Schema, name: string, kind: UserType['kind']): UserType | undefined {
  const key = newKey(schema, name);
  if (!key) return undefined;
  const type = emptyType(key, kind);
  schema.types.set(key, type);
  return type;
}

export function createEnum(schema: Schema, statement: Content<'CreateEnumStmt'>): void {
  const type = add(schema, dotted(statement.typeName), 'enum');
  if (type) type.labels = readAll(statement.vals, 'String').map(({ sval = '' }) => sval);
}

export function createRange(schema: Schema, statement: Content<'CreateRangeStmt'>): void {
  add(schema, dotted(statement.typeName), 'range');
}

export function createComposite(schema: Schema, statement: Content<'CompositeTypeStmt'>): void {
  const key = newRelationKey(schema, statement.typevar);
  if (!key) return;
  add(schema, nameOf(statement.typevar), 'composite');
  const relation = emptyRelation(key, 'composite');
  for (const column of readAll(statement.coldeflist, 'ColumnDef')) addColumn(schema, relation, column);
  schema.relations.set(key, relation);
}

/** A new label cannot be used before the transaction that adds it is committed. */
export function alterEnum(schema: Schema, statement: Content<'AlterEnumStmt'>): void {
  const type = typeNamed(schema, dotted(statement.typeName));
  const { oldVal, newVal = '', newValNeighbor, newValIsAfter } = statement;
  if (!type) return;
  if (oldVal !== undefined) {
    type.labels = type.labels.map((label) => (label === oldVal ? newVal : label));
    return;
  }
  if (type.labels.includes(newVal)) return;
  const at = newValNeighbor === undefined ? -1 : type.labels.indexOf(newValNeighbor);
  type.labels.splice(at < 0 ? type.labels.length : at + (newValIsAfter ? 1 : 0), 0, newVal);
  type.uncommittedLabels.push(newVal);
}

export function createDomain(schema: Schema, statement: Content<'CreateDomainStmt'>): void {
  const type = add(schema, dotted(statement.domainname), 'domain');
  if (!type) return;
  type.base = columnTypeOf(schema, statement.typeName);
  type.notNull = false;
  type.checks = [];
  for (const constraint of readAll(statement.constraints, 'Constraint')) addCondition(type, constraint);
}

function addCondition(type: UserType, { contype, conname, raw_expr: expression }: Constraint): void {
  if (contype === 'CONSTR_DEFAULT') type.default = shown(expression);
  if (contype === 'CONSTR_NOTNULL') type.notNull = true;
  if (contype !== 'CONSTR_CHECK') return;
  const checks = type.checks ?? [];
  const taken = (name: string) => checks.includes(name);
  type.checks = [
    ...checks,
    conname ? identifier(conname) : chosenName(localOf(type.key), [], 'check', taken),
  ];
}

/** Letters as PostgreSQL's grammar has them: add and drop a Constraint, default (T), NOT NULL on (O) and off (N). */
export function alterDomain(schema: Schema, statement: Content<'AlterDomainStmt'>): void {
  const type = typeNamed(schema, dotted(statement.typeName));
  if (!type) return;
  switch (statement.subtype) {
    case 'C':
      return addCondition(type, read(statement.def, 'Constraint') ?? {});
    case 'X':
      type.checks = (type.checks ?? []).filter((each) => each !== identifier(statement.name ?? ''));
      return;
    case 'T':
      if (statement.def) type.default = shown(statement.def);
      else delete type.default;
      return;
    case 'O':
    case 'N':
      type.notNull = statement.subtype === 'O';
      return;
    default:
  }
}

/** With COMMIT new labels can be used, and what was set for the transaction ends. */
export function committed(schema: Schema): void {
  if (schema.timeZoneEnds) {
    delete schema.timeZone;
    delete schema.timeZoneEnds;
  }
  for (const type of schema.types.values()) type.uncommittedLabels = [];
}
