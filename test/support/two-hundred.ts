import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV_PY, INI } from './alembic-files.js';

/** A planted trap: what must be found in that revision, and the line of the file that says it (by its text). */
export interface Trap {
  revision: string;
  rules: readonly string[];
  /** Text of the line that the first rule's finding must point to; absent where it is of the whole revision. */
  says?: string;
}

interface Written {
  up: string;
  down?: string | null;
  head?: string;
  trap?: Omit<Trap, 'revision'>;
}

/** What is in the database before the first revision, and so not new: with rows. */
export const BEFORE = `
create type order_state as enum ('open', 'sent');
create table shops (id int primary key, name text, city text);
create table orders (id int primary key, shop_id int, amount int, state order_state, note text, old text);
create table items (id int primary key, order_id int, price int);
insert into shops select g, 'shop ' || g from generate_series(1, 100) g;
insert into orders select g, 1 + g % 100, g from generate_series(1, 1000) g;
`;

const traps: Record<number, Written> = {
  20: {
    up: 'op.execute("ALTER TYPE order_state ADD VALUE \'gone\'")',
    down: 'pass',
    trap: { rules: ['enum-changed', 'downgrade-missing'], says: 'ADD VALUE' },
  },
  21: {
    up: "op.alter_column('orders', 'state', server_default='gone')",
    down: "op.alter_column('orders', 'state', server_default=None)",
    trap: { rules: ['enum-value-used'], says: 'server_default=' },
  },
  30: {
    up: "op.add_column('orders', sa.Column('kind', sa.Text(), nullable=False, server_default='web'))",
    down: "op.drop_column('orders', 'kind')",
  },
  31: {
    up: "op.alter_column('orders', 'kind', server_default=None)",
    down: "op.alter_column('orders', 'kind', server_default='web')",
    trap: { rules: ['new-column-required'], says: 'server_default=None' },
  },
  40: {
    up: "op.create_check_constraint('positive', 'items', 'price > 0', postgresql_not_valid=True)",
    down: "op.drop_constraint('positive', 'items')",
    trap: { rules: ['constraint-not-valid'], says: 'create_check_constraint' },
  },
  41: {
    up: "op.execute('ALTER TABLE items VALIDATE CONSTRAINT positive')",
    down: 'pass',
    trap: { rules: ['work-under-lock', 'constraint-validated', 'downgrade-missing'], says: 'VALIDATE' },
  },
  50: {
    up: "op.create_index('orders_amount', 'orders', ['amount'], postgresql_concurrently=True)",
    down: "op.drop_index('orders_amount')",
    trap: { rules: ['fails-in-transaction'], says: 'create_index' },
  },
  60: {
    up: [
      "op.add_column('shops', sa.Column('zip', sa.Text()))",
      'with op.get_context().autocommit_block():',
      "    op.create_index('shops_zip', 'shops', ['zip'], postgresql_concurrently=True)",
      "op.add_column('shops', sa.Column('street', sa.Text()))",
    ].join('\n'),
    down: "op.drop_column('shops', 'street')\nop.drop_index('shops_zip')\nop.drop_column('shops', 'zip')",
    trap: { rules: ['committed-midway', 'index-built-concurrently'], says: 'create_index' },
  },
  70: {
    up: "op.execute('COMMIT')\nop.execute('CREATE INDEX CONCURRENTLY shops_name ON shops (name)')",
    down: "op.drop_index('shops_name')",
    trap: { rules: ['transaction-by-hand', 'fails-in-transaction'], says: "'COMMIT'" },
  },
  80: {
    up: "op.get_bind().execute(sa.text('UPDATE orders SET note = :n WHERE note IS NULL'), {'n': ''})",
    down: 'pass',
    trap: { rules: ['rows-changed', 'downgrade-missing'], says: 'UPDATE orders' },
  },
  81: {
    up: [
      'bind = op.get_bind()',
      "for row in bind.execute(sa.text('SELECT id, name FROM shops')).fetchall():",
      "    bind.execute(sa.text('UPDATE shops SET city = :c WHERE id = :id'), {'c': row.name, 'id': row.id})",
      "op.drop_column('shops', 'name')",
    ].join('\n'),
    down: "op.add_column('shops', sa.Column('name', sa.Text()))",
    trap: { rules: ['data-changed-by-code', 'rows-changed', 'column-dropped'], says: 'for row in' },
  },
  82: {
    head: 'from sqlalchemy import inspect',
    up: "if 'vat' not in [c['name'] for c in inspect(op.get_bind()).get_columns('items')]:\n    op.add_column('items', sa.Column('vat', sa.Integer()))",
    down: "op.drop_column('items', 'vat')",
    trap: { rules: ['not-analysable'], says: 'if ' },
  },
  83: {
    up: "op.bulk_insert(sa.table('shops', sa.column('id', sa.Integer)), [{'id': 1001}, {'id': 1002}])",
    down: "op.execute('DELETE FROM shops WHERE id > 1000')",
    trap: { rules: ['rows-inserted', 'downgrade-loses-data'], says: 'bulk_insert' },
  },
  84: {
    up: "for column in ('shop_id', 'note'):\n    op.create_index('orders_' + column, 'orders', [column])",
    down: "for column in ('shop_id', 'note'):\n    op.drop_index('orders_' + column)",
    trap: { rules: ['index-blocks-writes'], says: 'op.create_index' },
  },
  90: {
    up: "op.create_table('moods', sa.Column('mood', sa.Enum('ok', 'bad', name='mood')))",
    down: "op.drop_table('moods')",
    trap: { rules: ['type-left-behind'] },
  },
  91: {
    up: "op.add_column('items', sa.Column('size', sa.Enum('s', 'm', name='item_size')))",
    down: "op.drop_column('items', 'size')",
    trap: { rules: ['column-type-unknown'], says: 'add_column' },
  },
  92: {
    up: "op.add_column('items', sa.Column('a', sa.Integer()))",
    down: null,
    trap: { rules: ['downgrade-missing'] },
  },
  93: {
    up: "op.add_column('items', sa.Column('b', sa.Integer()))",
    down: "raise NotImplementedError('one way')",
    trap: { rules: ['downgrade-missing'] },
  },
  94: {
    up: "op.drop_column('orders', 'old')",
    down: "op.add_column('orders', sa.Column('old', sa.Text()))",
    trap: { rules: ['column-dropped'], says: 'drop_column' },
  },
};

/** Ordinary revisions: a table of their own, which later ones fill, index, constrain and change. */
function ordinary(at: number): Written {
  const table = `t${at - (at % 5)}`;
  switch (at % 5) {
    case 0:
      return {
        up: `op.create_table('${table}', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('a', sa.Text()), sa.Column('b', sa.Integer()))`,
        down: `op.drop_table('${table}')`,
      };
    case 1:
      return { up: `op.create_index('${table}_a', '${table}', ['a'])`, down: `op.drop_index('${table}_a')` };
    case 2:
      return {
        up: `op.alter_column('${table}', 'b', nullable=False)\nop.create_check_constraint('${table}_b', '${table}', 'b > 0')`,
        down: `op.drop_constraint('${table}_b', '${table}')\nop.alter_column('${table}', 'b', nullable=True)`,
      };
    case 3:
      return {
        up: `op.alter_column('${table}', 'b', type_=sa.BigInteger())\nop.create_unique_constraint('${table}_u', '${table}', ['a'])`,
        down: `op.drop_constraint('${table}_u', '${table}')\nop.alter_column('${table}', 'b', type_=sa.Integer())`,
      };
    default:
      return {
        up: `op.add_column('${table}', sa.Column('d', sa.Text()))\nop.execute("UPDATE ${table} SET d = a")`,
        down: `op.drop_column('${table}', 'd')`,
      };
  }
}

const idOf = (at: number): string => `r${String(at).padStart(3, '0')}`;
const indented = (text: string): string => text.split('\n').join('\n    ');

/** Two revisions go on from 100, of which one depends on the other, and 103 joins them. */
function places(at: number): { down: string; depends: string } {
  if (at === 102) return { down: "'r100'", depends: "'r101'" };
  if (at === 103) return { down: "('r101', 'r102')", depends: 'None' };
  return { down: at === 0 ? 'None' : `'${idOf(at - 1)}'`, depends: 'None' };
}

/**
 * Writes an Alembic project of 200 revisions, with one trap of each kind among ordinary ones.
 *
 * @param folder - of alembic.ini; it has an env.py that reads DATABASE_URL
 */
export function writeTwoHundred(folder: string): Trap[] {
  const versions = join(folder, 'migrations', 'versions');
  mkdirSync(versions, { recursive: true });
  writeFileSync(join(folder, 'alembic.ini'), INI);
  writeFileSync(join(folder, 'migrations', 'env.py'), ENV_PY);
  writeFileSync(join(folder, 'migrations', 'script.py.mako'), '');
  for (let at = 0; at < 200; at += 1)
    writeFileSync(
      join(versions, `${idOf(at)}_.py`),
      textOf(at, traps[at] ?? (isBranch(at) || traps[at - (at % 5)] ? none : ordinary(at))),
    );
  return Object.entries(traps).flatMap(([at, { trap }]) =>
    trap ? [{ revision: idOf(Number(at)), ...trap }] : [],
  );
}

const none: Written = { up: 'pass', down: 'pass' };
const isBranch = (at: number): boolean => at >= 100 && at < 115;

function textOf(at: number, { up, down = 'pass', head = '' }: Written): string {
  const { down: below, depends } = places(at);
  const back = down === null ? '' : `\n\ndef downgrade():\n    ${indented(down)}\n`;
  return `"""revision ${at}"""
import sqlalchemy as sa
from alembic import op
${head}
revision = '${idOf(at)}'
down_revision = ${below}
branch_labels = None
depends_on = ${depends}


def upgrade():
    ${indented(up)}
${back}`;
}
