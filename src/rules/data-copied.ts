import type { Node } from '../sql/ast.js';
import { inside, nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'data-copied',
  risk: 'medium',
  effect:
    'It reads as much as the query reads, in one transaction, which keeps vacuum from working meanwhile.',
  blocks: 'nobody; for REFRESH without CONCURRENTLY reads of the materialized view until it is filled',
  instead: {
    says: 'Make it empty, and fill it in batches or by a refresh outside of the release.',
    sql:
      'CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1 ' +
      'WITH NO DATA;',
    alembic:
      "op.execute(\n    'CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1 " +
      "WITH NO DATA'\n)",
  },
  on: ['CreateTableAsStmt', 'RefreshMatViewStmt', 'SelectStmt'],
  bad: 'CREATE TABLE old_orders AS SELECT * FROM orders;',
  good: 'CREATE TABLE old_orders (LIKE orders);',

  check(statement) {
    const copy = read(statement, 'CreateTableAsStmt');
    const refresh = read(statement, 'RefreshMatViewStmt');
    const into = copy?.into ?? read(statement, 'SelectStmt')?.intoClause;
    if (into && !into.skipData && readsTables(statement))
      return {
        message: `${nameOf(into.rel)} is filled in one go with all that the query reads`,
        relations: [],
      };
    if (!refresh) return;
    const view = nameOf(refresh.relation);
    return {
      ...(refresh.concurrent ? { risk: 'low' as const } : {}),
      message: `${view} is filled in one go with all that its query reads`,
      relations: [locked(view, refresh.concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE')],
    };
  },
});

/** A query without a FROM gives one row. */
const readsTables = (statement: Node): boolean =>
  [...inside(read(statement, 'CreateTableAsStmt')?.query ?? read(statement, 'SelectStmt')?.fromClause)].some(
    (node) => read(node, 'RangeVar') ?? read(node, 'RangeFunction'),
  );
