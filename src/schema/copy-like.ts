import type { Content } from '../sql/ast.js';
import { nameOf } from '../sql/ast.js';
import { setNotNull } from './constraints.js';
import { addConstraintOf, indexNameFor } from './indexes.js';
import type { Index, Relation, Schema } from './model.js';
import { relationNamed } from './resolve.js';

/** Bits of INCLUDING (TableLikeOption of PostgreSQL's grammar). */
const CONSTRAINTS = 4;
const DEFAULTS = 8;
const GENERATED = 16;
const INDEXES = 64;

/** LIKE: names, types and NOT NULL, and what INCLUDING asks for. */
export function copyLike(
  schema: Schema,
  relation: Relation,
  { relation: from, options = 0 }: Content<'TableLikeClause'>,
  part: 'columns' | 'rest',
): void {
  const source = relationNamed(schema, nameOf(from));
  if (!source || source.columnsUnknown) relation.columnsUnknown = true;
  if (!source) return;
  if (part === 'columns') return copyColumns(schema, source, relation, options);
  if (options & CONSTRAINTS)
    for (const each of source.constraints)
      if (each.kind === 'check') relation.constraints.push({ ...each, validated: each.enforced });
  if (options & INDEXES) for (const index of source.indexes) copyIndex(schema, source, relation, index);
}

function copyColumns(schema: Schema, source: Relation, relation: Relation, options: number): void {
  for (const { default: value, generated, uses, identity: _, ...column } of source.columns) {
    const copied = { ...column, notNull: false };
    const keeps = generated ? options & GENERATED : options & DEFAULTS;
    relation.columns.push({
      ...copied,
      ...(keeps && value !== undefined ? { default: value } : {}),
      ...(keeps && generated ? { generated, uses: [...(uses ?? [])] } : {}),
    });
    const named = source.constraints.find(
      ({ kind, columns }) => kind === 'not null' && columns[0] === column.name,
    );
    if (column.notNull) setNotNull(schema, relation, column.name, named?.name.replaceAll('"', ''));
  }
}

function copyIndex(schema: Schema, source: Relation, relation: Relation, index: Index): void {
  const { isReplicaIdentity: _r, partOf: _p, ...copied } = index;
  const found = source.constraints.find(
    ({ name, kind }) => name === index.constraint && kind !== 'not null',
  )?.kind;
  const kind = found === 'primary key' || found === 'unique' || found === 'exclude' ? found : undefined;
  const added: Index = {
    ...copied,
    name: indexNameFor(
      schema,
      relation,
      kind,
      index.keys.map((key) => key ?? 'expr'),
    ),
    valid: true,
  };
  if (kind) added.constraint = added.name;
  relation.indexes.push(added);
  if (kind) addConstraintOf(schema, relation, added, kind);
}
