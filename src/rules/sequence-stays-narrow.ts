import { columnTypeOf } from '../schema/column-type.js';
import { columnNamed, ownedSequences, relationNamed } from '../schema/resolve.js';
import { identifier, read, tableCommand } from '../sql/ast.js';
import { localOf } from '../domain/sql-name.js';
import { fromCatalog } from './known.js';
import { defineRule } from './rule.js';

const widths = ['int2', 'int4', 'int8'];

export default defineRule({
  id: 'sequence-stays-narrow',
  risk: 'medium',
  effect:
    'The sequence of a serial column keeps its own type: it ends at the same number as before, and ' +
    'then every INSERT fails.',
  blocks: 'nobody until the sequence has come to its end; then every INSERT',
  instead: {
    says: 'Widen the sequence as well.',
    sql: 'ALTER SEQUENCE orders_id_seq AS bigint;',
    alembic: "op.execute('ALTER SEQUENCE orders_id_seq AS bigint')",
  },
  on: ['AT_AlterColumnType'],
  needs: 'CREATE TABLE orders (id serial PRIMARY KEY);',
  bad: 'ALTER TABLE orders ALTER COLUMN id TYPE bigint;',
  good: 'ALTER SEQUENCE orders_id_seq AS bigint; ALTER TABLE orders ALTER COLUMN id TYPE bigint;',

  check(statement, { schema }) {
    const changed = tableCommand(statement, 'AT_AlterColumnType');
    const relation = changed && relationNamed(schema, changed.table);
    if (!changed || !relation) return;
    const name = identifier(changed.cmd.name ?? '');
    // The sequence of an identity column follows it.
    if (columnNamed(relation, name)?.identity) return;
    const type = columnTypeOf(schema, read(changed.cmd.def, 'ColumnDef')?.typeName).name;
    const narrow = ownedSequences(schema, relation.key, name).find(
      ({ sequence }) => widths.indexOf(sequence?.type ?? 'int8') < widths.indexOf(type),
    );
    if (!narrow) return;
    return fromCatalog({
      message: `${localOf(narrow.key)}, which counts ${changed.table}.${name}, stays ${narrow.sequence?.type}`,
      relations: [],
    });
  },
});
