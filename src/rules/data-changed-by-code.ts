import { defineRule } from './rule.js';

export default defineRule({
  id: 'data-changed-by-code',
  risk: 'very-high',
  effect:
    'Python changes rows, one by one or by what it has read before: which rows and how many is not known ' +
    'before, all of it is one transaction, and a downgrade cannot bring back what was there.',
  blocks: 'writes to the same rows until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says:
      'Change rows in a job of the application, in batches with a commit each; or say it in one statement, ' +
      'so that it can be read.',
    sql: "UPDATE orders SET state = 'open' WHERE id BETWEEN 1 AND 1000 AND state IS NULL;",
    alembic: 'op.execute("UPDATE orders SET state = \'open\' WHERE state IS NULL")',
  },
  language: 'python',
  bad:
    "for row in op.get_bind().execute(sa.text('SELECT id, name FROM shops')):\n" +
    '    op.execute(shops.update().where(shops.c.id == row.id).values(name=clean(row.name)))',
  good: 'op.execute("UPDATE shops SET name = trim(name)")',
});
