import { dotted, identifier, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'domain-changed',
  risk: 'medium',
  effect: 'All columns of the domain change at once, in every table: what is let in, or what is filled in.',
  blocks: 'nobody: no table is read',
  breaksRunning: true,
  instead: {
    says: 'Put conditions and defaults on the columns, where each can be changed by itself.',
    sql: "ALTER TABLE orders ALTER COLUMN email SET DEFAULT 'nobody@example.com';",
    alembic: "op.alter_column('orders', 'email', server_default='nobody@example.com')",
  },
  on: ['AlterDomainStmt'],
  bad: 'ALTER DOMAIN email DROP CONSTRAINT has_at;',
  good: "CREATE DOMAIN email AS text CHECK (value LIKE '%@%');",

  check(statement) {
    const altered = read(statement, 'AlterDomainStmt');
    const what = altered && changeOf(altered.subtype ?? '', altered.def !== undefined);
    const notValid = read(altered?.def, 'Constraint')?.skip_validation ?? false;
    if (!altered || !(what ?? notValid)) return;
    const name = altered.name ? ` ${identifier(altered.name)}` : '';
    return {
      message: `${what ?? 'a condition for new values'}${name}, in every table that uses ${dotted(altered.typeName)}`,
      relations: [],
    };
  },
});

/** PostgreSQL's letters: T default, N drop NOT NULL, X drop constraint. The others read the tables. */
function changeOf(subtype: string, set: boolean): string | undefined {
  if (subtype === 'T') return set ? 'another default' : 'the default is gone';
  if (subtype === 'N') return 'NULL is let in';
  return subtype === 'X' ? 'no longer looked at:' : undefined;
}
