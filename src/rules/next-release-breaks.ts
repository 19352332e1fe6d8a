import { defineRule } from './rule.js';

export default defineRule({
  id: 'next-release-breaks',
  risk: 'medium',
  effect:
    'On the copy of the rehearsal the next release did not do on its own schema what the running one does on the old ' +
    'schema: it would fail its health check, or its users would get errors.',
  blocks: 'nobody by a lock; whoever uses what fails',
  instead: {
    says: 'Correct the release, or the revision that does not make what the release needs.',
    sql: 'CREATE TABLE stock (product_id bigint PRIMARY KEY, quantity int NOT NULL);',
    alembic:
      "op.create_table('stock', sa.Column('product_id', sa.BigInteger(), primary_key=True), sa.Column('quantity', sa.Integer(), nullable=False))",
  },
  language: 'python',
  bad: "op.create_table('stock', sa.Column('product_id', sa.BigInteger()), sa.Column('quantity', sa.Integer(), nullable=False))",
  good: "op.create_table('stock', sa.Column('product_id', sa.BigInteger(), primary_key=True), sa.Column('quantity', sa.Integer(), nullable=False))",
});
