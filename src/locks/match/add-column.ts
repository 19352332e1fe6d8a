import type { Schema } from '../../schema/model.js';
import { columnTypeOf } from '../../schema/column-type.js';
import { columnNamed, isConstrained, typeNamed } from '../../schema/resolve.js';
import { volatileCall } from '../../schema/volatile-call.js';
import type { AddedColumn, Node } from '../../sql/ast.js';
import { addedColumn, defaultOf, nameOf, ofType } from '../../sql/ast.js';
import { isKnownType, isSerial, typeName } from '../../sql/types.js';
import type { actorOf } from '../actors.js';
import { referencedBy } from '../actors.js';
import { matched, type Match } from '../match.js';
import type { ShapeName } from '../model/index.js';
import { heirsUnsure, onTable, withIndexes, type Target } from './target.js';

/** ADD COLUMN: each of its constraints does something of its own. */
export function addColumnMatches(node: Node, target: Target, isGuarded: boolean): Match[] {
  const added = addedColumn(node);
  if (!added) return [];
  const isThere = columnNamed(target.relation, added.name) !== undefined;
  if (isThere && isGuarded) return [matched('add column', { table: [target.table] })];
  const unsure = [...heirsUnsure(target), ...typeUnsure(added, target)];
  const why = `${target.name} is a partition, and gets its columns from its parent`;
  const fails = target.relation?.partitionOf ? { fails: { why } } : {};
  return [
    matched(columnShape(added, target), withIndexes(target), { unsure, ...fails }),
    ...constraintMatches(added, target),
  ];
}

function constraintMatches({ constraints, table }: AddedColumn, target: Target): Match[] {
  const matches: Match[] = [];
  if (ofType(constraints, 'CONSTR_CHECK')) matches.push(matched('add column with check', onTable(target)));
  if (ofType(constraints, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY'))
    matches.push(matched('add column with unique', onTable(target)));
  const reference = ofType(constraints, 'CONSTR_FOREIGN');
  if (!reference) return matches;
  const other = nameOf(reference.pktable);
  const referenced = isSame(target, other) ? [] : referencedBy(target.schema, other, table);
  const [first, ...rest] = referenced.length > 0 ? referenced : [];
  const actors = { ...onTable(target), referenced: first ? [namedByStatement(first, other), ...rest] : [] };
  const hasValue = defaultOf(constraints) !== undefined;
  return [
    ...matches,
    matched(hasValue ? 'add column with reference and default' : 'add column with reference', actors),
  ];
}

const isSame = ({ table }: Target, other: string): boolean => table.name === other || table.key === other;

function namedByStatement({ why: _, ...actor }: ReturnType<typeof actorOf>, name: string) {
  return { ...actor, name };
}

function columnShape(added: AddedColumn, target: Target): ShapeName {
  if (doesRewrite(added, target)) return 'add column that rewrites';
  const { column, constraints } = added;
  const domain = typeNamed(target.schema, typeName(column.typeName))?.default;
  const takesIt = domain !== undefined && !ofType(constraints, 'CONSTR_DEFAULT');
  const isSteady = !takesIt || isSteadyText(domain, target.schema);
  return isSteady ? 'add column' : 'add column of a domain with volatile default';
}

/** As far as its text says: what was cut short for people (`…`) counts as volatile. */
const isSteadyText = (text: string, schema: Schema): boolean =>
  !text.includes('…') &&
  [...text.matchAll(/([\w.]+)\s*\(/g)].every(([, name = '']) => !isVolatile(call(name), schema));

/** Whether each row that is there gets a value of its own, or one that must be checked by its type. */
function doesRewrite({ column, constraints }: AddedColumn, { schema }: Target): boolean {
  const type = column.typeName;
  if (isSerial(type) || ofType(constraints, 'CONSTR_IDENTITY')) return true;
  const generated = ofType(constraints, 'CONSTR_GENERATED');
  if (generated && generated.generated_kind !== 'v') return true;
  if (isVolatile(defaultOf(constraints), schema)) return true;
  if (isKnownType(type) || (type?.arrayBounds?.length ?? 0) > 0) return false;
  const user = typeNamed(schema, typeName(type));
  // A name of which nothing is known may be a domain with a condition.
  return user ? isConstrained(schema, columnTypeOf(schema, type)) : schema.source === 'none';
}

function typeUnsure({ column, name }: AddedColumn, { schema }: Target): string[] {
  const type = column.typeName;
  if (isKnownType(type) || schema.source !== 'none' || typeNamed(schema, typeName(type))) return [];
  return [`if ${typeName(type)} is no domain with a condition, adding ${name} rewrites nothing`];
}

/** Whether it may give every row another value. */
export const isVolatile = (expression: Node | undefined, schema: Target['schema']): boolean =>
  volatileCall(expression, schema) !== undefined;

const call = (name: string): Node => ({
  FuncCall: { funcname: name.split('.').map((part) => ({ String: { sval: part } })) },
});
