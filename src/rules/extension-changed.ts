import { nameOfObject, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

/**
 * Of PostgreSQL's own stock, and vector: their scripts only add types, functions and operators, and touch nothing
 * that is there.
 */
const known = new Set(
  `btree_gin btree_gist citext cube dict_int dict_xsyn earthdistance fuzzystrmatch hstore intarray isn lo ltree
  pg_stat_statements pg_trgm pgcrypto plpgsql seg tablefunc tcn tsm_system_rows tsm_system_time unaccent
  uuid-ossp vector xml2`.split(/\s+/),
);

const low = { risk: 'low', breaksRunning: false } as const;
const lossy = { risk: 'very-high', dataLoss: true } as const;

export default defineRule({
  id: 'extension-changed',
  risk: 'high',
  effect:
    'It runs a script of the extension, which may change tables and types, and may need ' +
    'rights that the migration lacks.',
  blocks: 'not known',
  breaksRunning: true,
  instead: {
    says: 'Let an administrator install it before the release, and rehearse it on a copy.',
    sql: "SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'postgis';",
    alembic: '# no revision: part of setting up the database',
  },
  on: ['CreateExtensionStmt', 'AlterExtensionStmt', 'AlterExtensionContentsStmt', 'DropStmt'],
  bad: 'ALTER EXTENSION postgis UPDATE;',
  good: 'CREATE SCHEMA trigrams;',

  check(statement) {
    const made = read(statement, 'CreateExtensionStmt');
    const drop = read(statement, 'DropStmt');
    const dropped =
      drop?.removeType === 'OBJECT_EXTENSION' ? drop.objects?.map(nameOfObject).join(', ') : undefined;
    const altered = read(statement, 'AlterExtensionStmt') ?? read(statement, 'AlterExtensionContentsStmt');
    const name = made?.extname ?? altered?.extname ?? dropped;
    if (!name) return;
    const grade = made && known.has(name) ? low : dropped ? lossy : {};
    const verb = made ? 'installing' : dropped ? 'dropping' : 'altering';
    return {
      ...grade,
      message: `${verb} the extension ${name} runs a script that is not to be seen here`,
      relations: [],
    };
  },
});
