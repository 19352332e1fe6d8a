import { identifier, keyIn, placeOf } from '../../domain/sql-name.js';
import type { Column, Index, Relation, RelationKind, TableConstraint } from '../../schema/model.js';
import { mentions, provenBy } from './catalog-conditions.js';
import type { CatalogRows, ConstraintRow, IndexRow, RelationRow } from './catalog-rows.js';
import { keyOf, type TypeNames } from './catalog-types.js';

const kinds: Record<string, RelationKind> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  c: 'composite',
};
const identities: Record<string, Relation['replicaIdentity']> = {
  d: 'default',
  n: 'nothing',
  f: 'full',
  i: 'index',
};

/** Bytes of a page: all but a few who compile PostgreSQL themselves have this. */
const PAGE = 8192;

/** A relation with what the rows call its columns. */
export interface Known {
  relation: Relation;
  /** Names by number. */
  columns: Map<number, string>;
}

/** @returns the relations by oid, with their columns, constraints and indexes */
export function relationsOf(rows: CatalogRows, types: TypeNames): Map<number, Known> {
  const known = new Map<number, Known>();
  for (const row of rows.relations)
    known.set(row.oid, { relation: relationOf(row, types), columns: new Map() });
  for (const row of rows.columns) {
    const one = known.get(row.of);
    const name = identifier(row.name);
    one?.columns.set(row.number, name);
    one?.relation.columns.push(columnOf(row, name, types));
  }
  for (const { relation } of known.values()) addUses(relation);
  addParents(rows, known);
  for (const row of rows.constraints) known.get(row.of)?.relation.constraints.push(constraintOf(row, known));
  addIndexes(rows, known);
  return known;
}

function relationOf(row: RelationRow, types: TypeNames): Relation {
  const ofType = types.key(row.ofType);
  return {
    key: keyOf(row.place, row.name),
    kind: kinds[row.kind] ?? 'table',
    isNew: false,
    ...{ columns: [], constraints: [], indexes: [], inherits: [], triggers: [], policies: [], rules: [] },
    rowSecurity: row.secured ? 'on' : 'off',
    forcesRowSecurity: row.forced,
    publications: [],
    // What has no rows of its own has `n`.
    replicaIdentity: ('rpm'.includes(row.kind) && identities[row.identity]) || 'default',
    unlogged: row.unlogged,
    ...(row.isDefault ? { isDefaultPartition: true } : {}),
    ...(ofType === undefined ? {} : { ofType }),
    owner: identifier(row.owner),
    grantees: (row.grantees ?? []).map(identifier).sort(),
    reads: [],
    ...(row.pages === null ? {} : { bytes: row.pages * PAGE }),
    ...(row.rows === null || row.rows < 0 ? {} : { rows: row.rows }),
  };
}

function columnOf(row: CatalogRows['columns'][number], name: string, types: TypeNames): Column {
  return {
    name,
    type: types.of(row.type, row.sizes),
    notNull: row.notNull,
    ...(row.value === null ? {} : { default: row.value }),
    ...(row.generated === '' ? {} : { generated: row.generated === 'v' ? 'virtual' : 'stored' }),
    ...(row.identity === '' ? {} : { identity: row.identity === 'a' ? 'always' : 'by default' }),
    ...(row.collation === null ? {} : { collation: identifier(row.collation) }),
  };
}

/** Which columns a generated one is computed from. */
function addUses({ columns }: Relation): void {
  for (const column of columns)
    if (column.generated)
      column.uses = columns
        .filter(({ name }) => name !== column.name && mentions(column.default ?? '', name))
        .map(({ name }) => name)
        .sort();
}

function addParents(rows: CatalogRows, known: Map<number, Known>): void {
  for (const { child, parent, isPart } of rows.parents) {
    const relation = known.get(child)?.relation;
    const key = known.get(parent)?.relation.key;
    if (!relation || key === undefined) continue;
    if (isPart) relation.partitionOf = key;
    else relation.inherits.push(key);
  }
}

const constraintKinds: Record<string, TableConstraint['kind']> = {
  p: 'primary key',
  u: 'unique',
  x: 'exclude',
  c: 'check',
  f: 'foreign key',
  n: 'not null',
};

/** Numbers of columns as names; 0 is an expression. */
export const namesOf = (one: Known | undefined, numbers: readonly number[] | null): string[] =>
  (numbers ?? []).flatMap((number) => one?.columns.get(number) ?? []);

function constraintOf(row: ConstraintRow, known: Map<number, Known>): TableConstraint {
  const other = row.other === null ? undefined : known.get(row.other);
  return {
    name: identifier(row.name),
    kind: constraintKinds[row.kind] ?? 'check',
    columns: namesOf(known.get(row.of), row.keys),
    validated: row.validated,
    enforced: row.enforced,
    proves: row.condition === null ? [] : provenBy(row.condition),
    ...(other
      ? { references: { relation: other.relation.key, columns: namesOf(other, row.otherKeys) } }
      : {}),
    ...(row.kind === 'c' && row.noInherit ? { noInherit: true } : {}),
  };
}

function addIndexes(rows: CatalogRows, known: Map<number, Known>): void {
  const owners = new Map<number, string>();
  for (const { kind, index, name } of rows.constraints)
    if (index !== null && 'pux'.includes(kind)) owners.set(index, identifier(name));
  const keys = new Map<number, string>();
  for (const { oid, of, name } of rows.indexes) {
    const table = known.get(of)?.relation.key ?? '';
    keys.set(oid, keyIn(placeOf(table), identifier(name)));
  }
  const wholes = new Map(rows.parents.map(({ child, parent }) => [child, keys.get(parent)]));
  for (const row of rows.indexes) {
    const one = known.get(row.of);
    if (!one) continue;
    one.relation.indexes.push(indexOf(row, one, owners.get(row.oid), wholes.get(row.oid)));
    if (one.relation.bytes !== undefined) one.relation.bytes += row.pages * PAGE;
  }
}

function indexOf(
  row: IndexRow,
  one: Known,
  constraint: string | undefined,
  partOf: string | undefined,
): Index {
  const numbers = row.keys.split(' ').map(Number);
  const keys = numbers.slice(0, row.keyCount).map((number) => one.columns.get(number) ?? null);
  const plain = [...namesOf(one, numbers), ...namesOf(one, row.mentions)];
  return {
    name: identifier(row.name),
    columns: [...new Set(plain)],
    keys,
    unique: row.isUnique,
    valid: row.valid,
    isPartial: row.partial,
    ...(constraint === undefined ? {} : { constraint }),
    ...(partOf === undefined ? {} : { partOf }),
    ...(row.replica ? { isReplicaIdentity: true } : {}),
  };
}
