import type { Content, DefElem } from '../sql/ast.js';
import { dotted, identifier, nameOf, read, readAll } from '../sql/ast.js';
import { sequenceOf } from './columns.js';
import type { Relation, Schema } from './model.js';
import { relationNamed } from './resolve.js';
import { make } from './views.js';

export function createSequence(schema: Schema, statement: Content<'CreateSeqStmt'>): void {
  const relation = make(schema, statement.sequence, 'sequence', statement.if_not_exists ?? false);
  if (!relation) return;
  delete relation.columnsUnknown;
  const options = readAll(statement.options, 'DefElem');
  relation.sequence = { ...sequenceOf(options), ...comesTo(options, 'start') };
  own(schema, relation, options);
}

export function alterSequence(schema: Schema, statement: Content<'AlterSeqStmt'>): void {
  const relation = relationNamed(schema, nameOf(statement.sequence));
  const known = relation?.sequence;
  if (!relation || !known) return;
  const options = readAll(statement.options, 'DefElem');
  const before = sequenceOf([], known.type).maxValue;
  const given = sequenceOf(options, known.type);
  const says = options.some(({ defname }) => defname === 'maxvalue');
  // A limit of its own stays; the usual one follows the type.
  const keeps = !says && known.maxValue !== before;
  relation.sequence = {
    ...known,
    type: given.type,
    ...(keeps ? {} : given.maxValue === undefined ? {} : { maxValue: given.maxValue }),
    ...comesTo(options, 'restart'),
  };
  own(schema, relation, options);
}

/** Where START or RESTART WITH sets it. */
function comesTo(options: readonly DefElem[], name: 'start' | 'restart'): { lastValue?: number } {
  const given = options.find(({ defname }) => defname === name)?.arg;
  const value = read(given, 'Integer')?.ival ?? Number(read(given, 'Float')?.fval ?? NaN);
  return Number.isNaN(value) ? {} : { lastValue: value };
}

/** OWNED BY table.column, or NONE. */
function own(schema: Schema, relation: Relation, options: readonly DefElem[]): void {
  const owner = read(options.find(({ defname }) => defname === 'owned_by')?.arg, 'List')?.items;
  if (!owner || !relation.sequence) return;
  const names = readAll(owner, 'String').map(({ sval = '' }) => identifier(sval));
  if (names.length < 2) delete relation.sequence.ownedBy;
  else {
    const table = dotted(owner.slice(0, -1));
    const key = relationNamed(schema, table)?.key ?? table;
    relation.sequence.ownedBy = { relation: key, column: names.at(-1) ?? '' };
  }
}
