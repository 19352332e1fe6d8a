import type { Relation, Schema } from '../schema/model.js';
import { relationNamed } from '../schema/resolve.js';
import { identifier, nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'index-on-partitioned-table',
  risk: 'medium',
  effect:
    'An index on a partitioned table is built on every partition, one after the other, in one transaction. ' +
    'CONCURRENTLY is refused (0A000).',
  blocks: 'writes to all partitions until the last index is built',
  instead: {
    says:
      'Make it ON ONLY the parent, which has no rows, then build one CONCURRENTLY on each partition and attach it. ' +
      'With the last one the index of the parent becomes valid.',
    sql:
      'CREATE INDEX events_at ON ONLY events (at);\n' +
      '-- for each partition\n' +
      'CREATE INDEX CONCURRENTLY events_2026_at ON events_2026 (at);\n' +
      'ALTER INDEX events_at ATTACH PARTITION events_2026_at;',
    alembic:
      "op.execute('CREATE INDEX events_at ON ONLY events (at)')\n" +
      '# for each partition\n' +
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('events_2026_at', 'events_2026', ['at'], postgresql_concurrently=True)\n" +
      "op.execute('ALTER INDEX events_at ATTACH PARTITION events_2026_at')",
  },
  on: ['IndexStmt'],
  bad:
    'CREATE TABLE events (at date) PARTITION BY RANGE (at);\n' +
    'CREATE INDEX CONCURRENTLY events_at ON events (at);',
  good: 'CREATE TABLE events (at date) PARTITION BY RANGE (at);\nCREATE INDEX events_at ON events (at);',
  alsoNew: true,

  check(statement, { schema }) {
    const index = read(statement, 'IndexStmt');
    const table = nameOf(index?.relation);
    const parent = index && partitioned(schema, table);
    if (!parent) return;
    if (index.concurrent)
      return { fails: true, message: `${table} is partitioned: CONCURRENTLY fails on it`, relations: [] };
    if (parent.isNew) return;
    const name = index.idxname ? identifier(index.idxname) : 'an index';
    if (!index.relation?.inh)
      return {
        risk: 'low',
        message: `${name} stays invalid until an index of each partition of ${table} is attached`,
        relations: [locked(table, 'SHARE')],
      };
    return {
      message: `building ${name} blocks writes to all partitions of ${table}`,
      relations: [locked(table, 'SHARE')],
    };
  },
});

/** The relation of that name, where it is known to be partitioned. */
export function partitioned(schema: Schema, name: string): Relation | undefined {
  const relation = relationNamed(schema, name);
  return relation?.kind === 'partitioned table' ? relation : undefined;
}
