import { nameOf, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'partition-made',
  risk: 'medium',
  effect:
    'Making a partition in place locks its parent, and reads the whole default partition if there is one.',
  blocks: 'reads and writes of the parent until commit',
  instead: {
    says: 'Create the table by itself, with a CHECK as the partition needs it, and attach it afterwards.',
    sql:
      'CREATE TABLE orders_2026 (LIKE orders INCLUDING ALL);\n' +
      'ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES FROM (2026) TO (2027);',
    alembic: "op.execute('CREATE TABLE orders_2026 (LIKE orders INCLUDING ALL)')",
  },
  on: ['CreateStmt'],
  bad: 'CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM (2026) TO (2027);',
  good: 'CREATE TABLE orders_2026 (LIKE orders INCLUDING ALL);',

  check(statement, { newTables }) {
    const made = read(statement, 'CreateStmt');
    const parents = readAll(made?.inhRelations, 'RangeVar')
      .map(nameOf)
      .filter((name) => !newTables.has(name));
    if (!made || parents.length === 0) return;
    const lock = made.partbound ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE';
    return {
      message:
        `making ${nameOf(made.relation)} as part of ${parents.join(', ')} locks ` +
        `${parents.join(', ')} until commit`,
      relations: parents.map((name) => locked(name, lock)),
    };
  },
});
