import { alterationOf, nameOf, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

const rewriting = ['AT_SetTableSpace', 'AT_SetLogged', 'AT_SetUnLogged', 'AT_SetAccessMethod'];

export default defineRule({
  id: 'table-rewritten',
  risk: 'high',
  effect:
    'The whole table is written anew, which takes as long as the table is large, and as much disk again.',
  blocks: 'reads and writes of the table until it is written anew',
  instead: {
    says: 'Leave it to a maintenance window, or use pg_repack, which works beside the running application.',
    sql: 'VACUUM (ANALYZE) orders;',
    alembic: "with op.get_context().autocommit_block():\n    op.execute('VACUUM (ANALYZE) orders')",
  },
  on: [
    'VacuumStmt',
    'AlterTableMoveAllStmt',
    'ClusterStmt',
    'AT_SetTableSpace',
    'AT_SetLogged',
    'AT_SetUnLogged',
    'AT_SetAccessMethod',
  ],
  bad: 'VACUUM FULL orders;',
  good: 'VACUUM orders;',

  check(statement) {
    const vacuum = read(statement, 'VacuumStmt');
    const full = vacuum && readAll(vacuum.options, 'DefElem').some(({ defname }) => defname === 'full');
    const all = read(statement, 'AlterTableMoveAllStmt');
    if (all)
      return {
        message: `all that lies in ${all.orig_tablespacename} is copied, a table at a time, locked`,
        relations: [],
      };
    const altered = alterationOf(statement);
    const cluster = read(statement, 'ClusterStmt');
    const moved =
      altered && altered.of !== 'OBJECT_SEQUENCE' && rewriting.includes(altered.cmd.subtype ?? '')
        ? [altered.table]
        : undefined;
    const vacuumed = full
      ? readAll(vacuum.rels, 'VacuumRelation').map(({ relation }) => nameOf(relation))
      : undefined;
    const tables = (cluster && [nameOf(cluster.relation)].filter(Boolean)) ?? moved ?? vacuumed;
    if (!tables) return;
    return {
      message: `${tables.join(', ') || 'every table'} is written anew while nobody can use it`,
      relations: tables.map((name) => locked(name, 'ACCESS EXCLUSIVE')),
    };
  },
});
