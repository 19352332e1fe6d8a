import type { ColumnDef, Constraint, DefElem } from '../sql/ast.js';
import { dotted, identifier, read, readAll } from '../sql/ast.js';
import { columnTypeOf, serialType } from './column-type.js';
import { setNotNull } from './constraints.js';
import { emptyRelation } from './empty.js';
import { columnsIn, shown } from './expression.js';
import type { Column, Relation, Schema, Sequence } from './model.js';
import { keyIn, placeOf } from '../domain/sql-name.js';
import { chosenName } from './names.js';
import { columnNamed, ownedSequences } from './resolve.js';
import { isTaken, tableName } from './taken.js';

/** Adds a column; its constraints are added once all columns are there. */
export function addColumn(schema: Schema, relation: Relation, definition: ColumnDef): Column {
  const name = identifier(definition.colname ?? '');
  const column: Column = columnNamed(relation, name) ?? {
    name,
    type: columnTypeOf(schema, definition.typeName),
    notNull: false,
  };
  if (!relation.columns.includes(column)) relation.columns.push(column);
  setCollation(column, definition);
  const serial = serialType(definition.typeName);
  if (serial) addSerial(schema, relation, column, serial);
  for (const constraint of readAll(definition.constraints, 'Constraint'))
    setProperty(schema, relation, column, constraint);
  return column;
}

/** By its name alone. */
export function setCollation(column: Column, { collClause }: ColumnDef): void {
  delete column.collation;
  const name = readAll(collClause?.collname, 'String').at(-1)?.sval;
  if (name !== undefined) column.collation = identifier(name);
}

function addSerial(schema: Schema, relation: Relation, column: Column, type: Sequence['type']): void {
  const sequence = addOwnSequence(schema, relation, column.name, type, []);
  column.default = `nextval('${sequence.key}')`;
  setNotNull(schema, relation, column.name);
}

/** What a definition says of the column alone. */
export function setProperty(
  schema: Schema,
  relation: Relation,
  column: Column,
  constraint: Constraint,
): void {
  switch (constraint.contype) {
    case 'CONSTR_DEFAULT':
      return setDefault(column, constraint.raw_expr);
    case 'CONSTR_IDENTITY':
      return setIdentity(schema, relation, column, constraint);
    case 'CONSTR_GENERATED':
      column.generated = constraint.generated_kind === 'v' ? 'virtual' : 'stored';
      column.default = shown(constraint.raw_expr);
      column.uses = columnsIn(constraint.raw_expr).sort();
      return;
    default:
  }
}

export function setDefault(column: Column, expression: Constraint['raw_expr']): void {
  if (!expression || read(expression, 'A_Const')?.isnull) delete column.default;
  else column.default = shown(expression);
}

export function setIdentity(
  schema: Schema,
  relation: Relation,
  column: Column,
  { generated_when: when, options }: Constraint,
): void {
  column.identity = when === 'a' ? 'always' : 'by default';
  setNotNull(schema, relation, column.name);
  const named = readAll(options, 'DefElem').find(({ defname }) => defname === 'sequence_name');
  const given = read(named?.arg, 'List')?.items;
  const type = column.type.name;
  const counts = type === 'int2' || type === 'int4' ? type : 'int8';
  addOwnSequence(schema, relation, column.name, counts, readAll(options, 'DefElem'), given && dotted(given));
}

function addOwnSequence(
  schema: Schema,
  relation: Relation,
  column: string,
  type: Sequence['type'],
  options: readonly DefElem[],
  given?: string,
): Relation {
  const place = placeOf(relation.key);
  const local =
    given?.split('.').at(-1) ??
    chosenName(tableName(relation), [column], 'seq', (name) => isTaken(schema, place, name, false));
  const sequence = emptyRelation(keyIn(place, local), 'sequence');
  sequence.isNew = relation.isNew;
  sequence.sequence = { ...sequenceOf(options, type), ownedBy: { relation: relation.key, column } };
  schema.relations.set(sequence.key, sequence);
  return sequence;
}

/** The sequence of an identity column follows the type of its column, and its end with it. */
export function widenSequences(schema: Schema, relation: Relation, column: Column): void {
  for (const { sequence } of ownedSequences(schema, relation.key, column.name)) {
    const { name } = column.type;
    if (!sequence || (name !== 'int2' && name !== 'int4' && name !== 'int8')) continue;
    if (sequence.maxValue === largest[sequence.type]) sequence.maxValue = largest[name];
    sequence.type = name;
  }
}

const largest = { int2: 2 ** 15 - 1, int4: 2 ** 31 - 1, int8: Number(2n ** 63n - 1n) };

/** AS and MAXVALUE among the options of CREATE and ALTER SEQUENCE. */
export function sequenceOf(options: readonly DefElem[], type: Sequence['type'] = 'int8'): Sequence {
  const option = (name: string) => options.find(({ defname }) => defname === name);
  const named = dotted(read(option('as')?.arg, 'TypeName')?.names).replace('pg_catalog.', '');
  const counts = named === 'int2' || named === 'int4' || named === 'int8' ? named : type;
  const most = option('maxvalue')?.arg;
  const increment = read(option('increment')?.arg, 'Integer');
  const down = increment?.ival !== undefined && increment.ival < 0;
  const value = read(most, 'Integer')?.ival ?? Number(read(most, 'Float')?.fval ?? NaN);
  return { type: counts, maxValue: Number.isNaN(value) ? (down ? -1 : largest[counts]) : value };
}

/** The constraints of a definition. NOT ENFORCED follows the one that it belongs to as one of its own. */
export function constraintsOf(definition: ColumnDef): Constraint[] {
  const all = readAll(definition.constraints, 'Constraint');
  return all.map((constraint, at) => {
    const next = all.slice(at + 1).find(({ contype }) => !contype?.includes('DEFERR'));
    return next?.contype === 'CONSTR_ATTR_NOT_ENFORCED' ? { ...constraint, is_enforced: false } : constraint;
  });
}
