import { relationNamed } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import { inside, read } from '../sql/ast.js';
import type { Schema } from '../schema/model.js';
import { defineRule } from './rule.js';
import { touchedBy } from './touched.js';
import type { AddedLabel } from './transaction.js';

/** Since this version a value may be used in the transaction that made its type, too. */
const USABLE_WITH_TYPE = 17;

export default defineRule({
  id: 'enum-value-used',
  risk: 'medium',
  effect:
    'PostgreSQL refuses a value of an enum in the transaction that added it (55P04): the run fails ' +
    'there and rolls back. Alembic runs all pending revisions in one transaction by default.',
  blocks: 'nobody: it fails',
  instead: {
    says: 'Commit the new value first: add it in an autocommit_block.',
    sql:
      "ALTER TYPE order_state ADD VALUE 'returned'; -- commits by itself\n" +
      "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'returned';",
    alembic:
      'with op.get_context().autocommit_block():\n' +
      '    op.execute("ALTER TYPE order_state ADD VALUE \'returned\'")\n' +
      "op.alter_column('orders', 'state', server_default='returned')",
  },
  bad:
    "BEGIN; ALTER TYPE order_state ADD VALUE 'returned';\n" +
    "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'returned'; COMMIT;",
  good:
    "ALTER TYPE order_state ADD VALUE 'returned';\n" +
    "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'returned';",
  alsoNew: true,
  aboutRun: true,

  check(statement, { transaction, schema, postgres }) {
    const labels = transaction?.labels.filter((one) => isRefused(one, postgres)) ?? [];
    const used = labels.find((one) => uses(statement, one) && mayHoldType(statement, one, schema));
    if (!used) return;
    const where = used.revision === undefined ? '' : ` by ${used.revision}`;
    return {
      ...(transaction?.state === 'open' ? { fails: true as const } : {}),
      message: `'${used.label}' was added to ${used.type} in this transaction${where}, and cannot be used before it is committed`,
      relations: [],
    };
  },
});

const isRefused = ({ typeIsNew }: AddedLabel, postgres = 0): boolean =>
  !(typeIsNew && postgres >= USABLE_WITH_TYPE);

function uses(statement: Node, { label }: AddedLabel): boolean {
  for (const part of inside(statement)) if (read(part, 'A_Const')?.sval?.sval === label) return true;
  return false;
}

/** Whether a column of that type is near: the same word may be a text elsewhere. */
function mayHoldType(statement: Node, { type }: AddedLabel, schema: Schema): boolean {
  const tables = touchedBy(statement).flatMap((name) => relationNamed(schema, name) ?? []);
  if (tables.length === 0 || tables.some(({ columnsUnknown }) => columnsUnknown)) return true;
  const last = type.split('.').at(-1);
  const isIt = (name: string | undefined) => name?.split('.').at(-1) === last;
  return (
    tables.some(({ columns }) => columns.some((column) => isIt(column.type.name))) || casts(statement, isIt)
  );
}

function casts(statement: Node, isIt: (name: string | undefined) => boolean): boolean {
  for (const part of inside(statement)) {
    const names = read(part, 'TypeName')?.names ?? read(part, 'TypeCast')?.typeName?.names ?? [];
    if (isIt(read(names.at(-1), 'String')?.sval)) return true;
  }
  return false;
}
