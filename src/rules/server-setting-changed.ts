import type { Node } from '../sql/ast.js';
import { dotted, identifier, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'server-setting-changed',
  risk: 'high',
  effect: 'Every session to come works under it, those of the running release and of other programs as well.',
  blocks: 'nobody; what it does to those sessions is not to be seen here',
  breaksRunning: true,
  instead: {
    says: 'Set it for the transaction that needs it, or let an administrator change the server.',
    sql: "SET LOCAL statement_timeout = '5min';",
    alembic: 'op.execute("SET LOCAL statement_timeout = \'5min\'")',
  },
  on: [
    'AlterSystemStmt',
    'AlterDatabaseSetStmt',
    'AlterRoleSetStmt',
    'AlterDatabaseStmt',
    'CreatedbStmt',
    'CreateTableSpaceStmt',
    'AlterTableSpaceOptionsStmt',
  ],
  bad: "ALTER DATABASE shop SET statement_timeout = '1s';",
  good: "SET LOCAL statement_timeout = '5min';",

  check(statement) {
    const system = read(statement, 'AlterSystemStmt');
    if (system)
      return {
        risk: 'very-high',
        message: `${system.setstmt?.name ?? 'every setting'} of the whole server changes, outside of any transaction`,
        relations: [],
      };
    const made =
      read(statement, 'CreatedbStmt')?.dbname ?? read(statement, 'CreateTableSpaceStmt')?.tablespacename;
    if (made)
      return { risk: 'medium', message: `${identifier(made)} is made beside this database`, relations: [] };
    const where = placeOf(statement);
    return where
      ? { message: `all sessions to come of ${where} have other settings`, relations: [] }
      : undefined;
  },
});

function placeOf(statement: Node): string | undefined {
  const role = read(statement, 'AlterRoleSetStmt');
  if (role) return role.role?.rolename ? identifier(role.role.rolename) : 'every role';
  const database = read(statement, 'AlterDatabaseSetStmt') ?? read(statement, 'AlterDatabaseStmt');
  const tablespace = read(statement, 'AlterTableSpaceOptionsStmt')?.tablespacename;
  return database
    ? identifier(database.dbname ?? '')
    : tablespace && dotted([{ String: { sval: tablespace } }]);
}
