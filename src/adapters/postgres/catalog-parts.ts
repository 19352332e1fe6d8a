import { identifier } from '../../domain/sql-name.js';
import type { Sequence } from '../../schema/model.js';
import { type Known, namesOf } from './catalog-relations.js';
import type { CatalogRows } from './catalog-rows.js';
import { keyOf, type TypeNames } from './catalog-types.js';

/** What hangs on the relations: sequences, triggers, policies, rules, publications; and what views read. */
export function addParts(rows: CatalogRows, known: Map<number, Known>, types: TypeNames): void {
  addSequences(rows, known, types);
  addReads(rows, known);
  for (const { of, name, keys, place, called } of rows.triggers) {
    const one = known.get(of);
    const columns = namesOf(one, keys.split(' ').map(Number));
    one?.relation.triggers.push({ name: identifier(name), columns, calls: keyOf(place, called) });
  }
  for (const { of, name, mentions } of rows.policies) {
    const one = known.get(of);
    one?.relation.policies.push({ name: identifier(name), columns: namesOf(one, mentions).sort() });
  }
  for (const { of, name } of rows.rules) known.get(of)?.relation.rules.push(identifier(name));
  for (const { name, of, mentions } of rows.publications) {
    const one = of === null ? undefined : known.get(of);
    one?.relation.publications.push({ name: identifier(name), columns: namesOf(one, mentions).sort() });
  }
  for (const { relation } of known.values())
    if (relation.kind === 'partitioned table') relation.bytes = sizeOf(relation.key, known);
}

function addSequences(rows: CatalogRows, known: Map<number, Known>, types: TypeNames): void {
  for (const { oid, type, most, of, number, last } of rows.sequences) {
    const one = known.get(oid);
    if (!one) continue;
    const owner = of === null ? undefined : known.get(of);
    const [column] = owner && number !== null ? namesOf(owner, [number]) : [];
    one.relation.sequence = {
      type: (types.key(type) ?? 'int8') as Sequence['type'],
      maxValue: most,
      ...(last === null ? {} : { lastValue: last }),
      ...(owner && column !== undefined ? { ownedBy: { relation: owner.relation.key, column } } : {}),
    };
  }
}

function addReads(rows: CatalogRows, known: Map<number, Known>): void {
  for (const { of, other, number } of rows.reads) {
    const view = known.get(of)?.relation;
    const read = known.get(other);
    if (!view || !read) continue;
    const { key } = read.relation;
    const found = view.reads.find(({ relation }) => relation === key);
    const entry = found ?? { relation: key, columns: [] };
    if (!found) view.reads.push(entry);
    entry.columns.push(...namesOf(read, [number]));
  }
}

/** Of a partitioned table: of its partitions together. */
function sizeOf(key: string, known: Map<number, Known>): number {
  let sum = 0;
  for (const { relation } of known.values())
    if (relation.partitionOf === key)
      sum += relation.kind === 'partitioned table' ? sizeOf(relation.key, known) : (relation.bytes ?? 0);
  return sum;
}
