import { nameOfObject, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'extension-changed',
  risk: 'very-high',
  effect:
    'It runs a script of the extension, which may change tables and types, and may need ' +
    'rights that the migration lacks.',
  blocks: 'not known',
  breaksRunning: true,
  instead: {
    says: 'Let an administrator install it before the release, and rehearse it on a copy.',
    sql: '-- before the release, as an administrator\nCREATE EXTENSION IF NOT EXISTS pg_trgm;',
    alembic: '# no revision: part of setting up the database',
  },
  on: ['CreateExtensionStmt', 'AlterExtensionStmt', 'AlterExtensionContentsStmt', 'DropStmt'],
  bad: 'CREATE EXTENSION IF NOT EXISTS pg_trgm;',
  good: 'CREATE SCHEMA trigrams;',

  check(statement) {
    const made = read(statement, 'CreateExtensionStmt');
    const drop = read(statement, 'DropStmt');
    const dropped =
      drop?.removeType === 'OBJECT_EXTENSION' ? drop.objects?.map(nameOfObject).join(', ') : undefined;
    const altered = read(statement, 'AlterExtensionStmt') ?? read(statement, 'AlterExtensionContentsStmt');
    const name = made?.extname ?? altered?.extname ?? dropped;
    if (!name) return;
    const verb = made ? 'installing' : dropped ? 'dropping' : 'altering';
    return {
      message: `${verb} the extension ${name} runs a script that is not to be seen here`,
      relations: [],
    };
  },
});
