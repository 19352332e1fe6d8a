import { dotted, identifier, nameOf, nameOfObject, read } from '../sql/ast.js';
import { rewritten } from './column-users.js';
import { relationNamed } from '../schema/resolve.js';
import { defineRule, locked } from './rule.js';

/** Renames that nobody notices who uses the table. */
const unnoticed =
  /^OBJECT_(COLUMN|ATTRIBUTE|INDEX|TABCONSTRAINT|DOMCONSTRAINT|TRIGGER|POLICY|RULE|STATISTIC_EXT|EVENT_TRIGGER)$/;

export default defineRule({
  id: 'table-renamed',
  risk: 'high',
  effect: 'The running release fails at once where it uses the old name.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says: 'Let the new release use a view of the new name, through which it can write as well, and rename when nobody uses the old one.',
    sql: 'CREATE VIEW purchases AS SELECT * FROM orders;',
    alembic: "op.execute('CREATE VIEW purchases AS SELECT * FROM orders')",
  },
  on: ['RenameStmt', 'AlterObjectSchemaStmt'],
  bad: 'ALTER TABLE orders RENAME TO purchases;',
  good: 'CREATE TABLE purchases (id int); ALTER TABLE purchases RENAME TO bought;',

  check(statement, { schema }) {
    const rename = read(statement, 'RenameStmt');
    const moved = read(statement, 'AlterObjectSchemaStmt');
    const changed = rename ?? moved;
    if (!changed || (rename && unnoticed.test(rename.renameType ?? ''))) return;
    const { relation } = changed;
    const name =
      nameOf(relation) ||
      nameOfObject(changed.object) ||
      dotted(read(changed.object, 'List')?.items) ||
      rename?.subname ||
      'an object';
    const to = rename
      ? `under its new name ${identifier(rename.newname ?? '')}`
      : `in its new schema ${identifier(moved?.newschema ?? '')}`;
    return {
      message: `the running release does not know ${name} ${to}${relation ? rewritten(schema, relationNamed(schema, name)) : ''}`,
      relations: relation ? [locked(name, 'ACCESS EXCLUSIVE')] : [],
    };
  },
});
