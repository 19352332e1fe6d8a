import { defineRule } from './rule.js';

export default defineRule({
  id: 'committed-midway',
  risk: 'medium',
  effect:
    'What comes before is committed already, while the version table still names the revision before. If ' +
    'this fails, it stays, and the next attempt fails on it (42701, 42P07).',
  blocks: 'nobody',
  instead: {
    says:
      'Give what must run outside of the transaction a revision of its own, with nothing before and after ' +
      'it, and set transaction_per_migration.',
    sql: 'CREATE INDEX CONCURRENTLY orders_note ON orders (note); -- alone in its revision',
    alembic:
      '# one revision\n' +
      "op.add_column('orders', sa.Column('note', sa.Text()))\n" +
      '# the next one\n' +
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_note', 'orders', ['note'], postgresql_concurrently=True)",
  },
  language: 'python',
  bad:
    "op.add_column('orders', sa.Column('note', sa.Text()))\n" +
    'with op.get_context().autocommit_block():\n' +
    "    op.create_index('orders_note', 'orders', ['note'], postgresql_concurrently=True)",
  good:
    'with op.get_context().autocommit_block():\n' +
    "    op.create_index('orders_note', 'orders', ['note'], postgresql_concurrently=True)",
  alsoNew: true,
  aboutRun: true,

  check(_, { transaction }) {
    const [first, ...more] = transaction?.leftBehind ?? [];
    if (!first) return;
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    const of = first.revision === undefined ? '' : ` of ${first.revision}`;
    return {
      message: `if this fails, "${short(first.text)}"${of}${others} is committed already, and the next attempt fails on it`,
      relations: [],
    };
  },
});

const SHOWN = 60;
const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN - 1)}…`;
};
