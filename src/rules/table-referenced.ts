import type { Constraint, Node } from '../sql/ast.js';
import { addedColumn, addedConstraint, defaultOf, nameOf, ofType, read, readAll } from '../sql/ast.js';
import { defineRule, locked, type Names } from './rule.js';

export default defineRule({
  id: 'table-referenced',
  risk: 'low',
  effect: 'A foreign key locks the table that it refers to, although nothing of it is read.',
  blocks:
    'writes to the other table until commit: for a moment, if nothing slow follows in the same transaction',
  instead: {
    says: 'It is harmless alone; keep it out of transactions that take long.',
    sql: 'CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint);\nALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders (id); -- nothing slow beside it',
    alembic:
      "op.create_table(\n    'items', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('order_id', sa.BigInteger())\n)\nop.create_foreign_key(None, 'items', 'orders', ['order_id'], ['id'])  # nothing slow beside it",
  },
  on: ['AT_AddColumn', 'AT_AddConstraint', 'CreateStmt'],
  bad: 'CREATE TABLE items (order_id int REFERENCES orders (id));',
  good: 'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE items (order_id int REFERENCES orders (id));',
  alsoNew: true,

  check(statement, { newTables }) {
    const { table, references } = referencesIn(statement, newTables);
    const others = [...new Set(references.map(({ pktable }) => nameOf(pktable)))].filter(
      (name) => name !== table && !newTables.has(name),
    );
    if (!table || others.length === 0) return;
    const own = addedColumn(statement) && !newTables.has(table) ? [locked(table, 'ACCESS EXCLUSIVE')] : [];
    return {
      message: `the foreign key of ${table} stops writes to ${others.join(', ')} for a moment`,
      relations: [...own, ...others.map((name) => locked(name, 'SHARE ROW EXCLUSIVE'))],
    };
  },
});

/** Foreign keys that have no row to check: of a new table, or of a new column that is empty. */
function referencesIn(node: Node, newTables: Names): { table?: string; references: Constraint[] } {
  const made = read(node, 'CreateStmt');
  if (made) {
    const columns = readAll(made.tableElts, 'ColumnDef').flatMap(({ constraints }) => constraints ?? []);
    return {
      table: nameOf(made.relation),
      references: foreign(readAll([...columns, ...(made.tableElts ?? [])], 'Constraint')),
    };
  }
  const column = addedColumn(node);
  if (column && (!defaultOf(column.constraints) || newTables.has(column.table)))
    return { table: column.table, references: foreign(column.constraints) };
  const added = addedConstraint(node);
  if (added && newTables.has(added.table))
    return { table: added.table, references: foreign([added.constraint]) };
  return { references: [] };
}

const foreign = (constraints: readonly Constraint[]): Constraint[] =>
  constraints.filter((constraint) => ofType([constraint], 'CONSTR_FOREIGN'));
