import { dotted, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'search-changed',
  risk: 'medium',
  effect:
    'Texts are taken apart by other rules from now on, while stored columns and indexes hold what the old ones ' +
    'gave: searches of the running release no longer find it.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Make a configuration of a new name, and an index of its own for it.',
    sql: 'CREATE TEXT SEARCH CONFIGURATION names_2 (COPY = simple);',
    alembic: "op.execute('CREATE TEXT SEARCH CONFIGURATION names_2 (COPY = simple)')",
  },
  on: ['AlterTSConfigurationStmt', 'AlterTSDictionaryStmt'],
  bad: 'ALTER TEXT SEARCH CONFIGURATION names ALTER MAPPING FOR word WITH simple;',
  good: 'CREATE TEXT SEARCH CONFIGURATION names_2 (COPY = simple);',

  check(statement) {
    const name =
      dotted(read(statement, 'AlterTSConfigurationStmt')?.cfgname) ||
      dotted(read(statement, 'AlterTSDictionaryStmt')?.dictname);
    return name ? { message: `searches by ${name} find other words than before`, relations: [] } : undefined;
  },
});
