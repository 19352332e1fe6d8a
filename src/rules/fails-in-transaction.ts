import type { Content, Kind, Node } from '../sql/ast.js';
import { dotted, kindOf, nameOf, nameOfObject, read, readAll } from '../sql/ast.js';
import { defineRule, type Hit } from './rule.js';
import type { Transaction } from './transaction.js';

export default defineRule({
  id: 'fails-in-transaction',
  risk: 'medium',
  effect: 'PostgreSQL refuses it inside of a transaction (25001): the run fails there and rolls back.',
  blocks: 'nobody: it fails',
  instead: {
    says: 'Let it run outside of the transaction: in an autocommit_block, in a revision of its own.',
    sql: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id); -- not between BEGIN and COMMIT',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_customer', 'orders', ['customer_id'], " +
      'postgresql_concurrently=True)',
  },
  bad: 'BEGIN; CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id); COMMIT;',
  good: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',
  alsoNew: true,
  aboutRun: true,

  check(statement, { transaction, effects, postgres }) {
    if (!transaction) return;
    const what = refused(statement, postgres) ?? (effects?.needsNoTransaction ? 'this statement' : undefined);
    return what === undefined ? undefined : refusedIn(transaction.state, what);
  },
});

/** @param what - that PostgreSQL refuses in a transaction, in words */
export function refusedIn(state: Transaction['state'], what: string): Hit | undefined {
  if (state === 'none') return undefined;
  const certain = state === 'open';
  return {
    ...(certain ? { fails: true as const } : {}),
    message: `${what} ${certain ? 'fails' : 'may fail'} here: it cannot run inside of a transaction`,
    relations: [],
  };
}

/** @returns what PostgreSQL would refuse in a transaction, in words */
function refused(node: Node, postgres: number | undefined): string | undefined {
  if (!refusable.has(kindOf(node))) return undefined;
  const index = read(node, 'IndexStmt');
  if (index?.concurrent) return `building ${index.idxname ?? 'an index'} CONCURRENTLY`;
  const drop = read(node, 'DropStmt');
  if (drop?.concurrent) return `dropping ${(drop.objects ?? []).map(nameOfObject).join(', ')} CONCURRENTLY`;
  const again = read(node, 'ReindexStmt');
  if (again) return reindex(again);
  const command = read(read(node, 'AlterTableStmt')?.cmds?.[0], 'AlterTableCmd');
  if (read(command?.def, 'PartitionCmd')?.concurrent) return 'DETACH PARTITION … CONCURRENTLY';
  const value = read(node, 'AlterEnumStmt');
  if (value && value.oldVal === undefined && postgres !== undefined && postgres < 12)
    return `adding a value to ${dotted(value.typeName)} (before PostgreSQL 12)`;
  return others(node);
}

function reindex({ params, kind, relation }: Content<'ReindexStmt'>): string | undefined {
  if (/_(SCHEMA|SYSTEM|DATABASE)$/.test(kind ?? '')) return 'REINDEX of all tables';
  const isConcurrent = readAll(params, 'DefElem').some(({ defname }) => defname === 'concurrently');
  return isConcurrent ? `REINDEX of ${nameOf(relation)} CONCURRENTLY` : undefined;
}

const always: Partial<Record<Kind, string>> = {
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  AlterSystemStmt: 'ALTER SYSTEM',
};
/** This rule is asked about every statement: about most it need not think. */
const refusable: ReadonlySet<string> = new Set([
  ...['IndexStmt', 'DropStmt', 'ReindexStmt', 'AlterTableStmt', 'AlterEnumStmt', 'VacuumStmt', 'ClusterStmt'],
  ...Object.keys(always),
]);

function others(node: Node): string | undefined {
  if (read(node, 'VacuumStmt')?.is_vacuumcmd) return 'VACUUM';
  const cluster = read(node, 'ClusterStmt');
  if (cluster && !cluster.relation) return 'CLUSTER of all tables';
  return always[kindOf(node)];
}
