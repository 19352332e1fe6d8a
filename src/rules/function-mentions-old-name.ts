import { localOf, placeOf } from '../domain/sql-name.js';
import type { Relation, Schema, UserFunction } from '../schema/model.js';
import { columnNamed, functionsNamed, relationNamed, typeNamed } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import { identifier, nameOf, nameOfObject, read, tableCommand } from '../sql/ast.js';
import { listed } from './column-users.js';
import { fromCatalog } from './known.js';
import { mentionsColumn, mentionsName } from './mentions.js';
import { defineRule, type Hit } from './rule.js';

export default defineRule({
  id: 'function-mentions-old-name',
  risk: 'high',
  effect:
    'PostgreSQL keeps the body of a function as text: what it mentions may be renamed or dropped without a word, and ' +
    'then it fails when it is called, as do writes to a table whose trigger calls it.',
  blocks: 'nobody; calls fail',
  breaksRunning: true,
  instead: {
    says:
      'Add the new name beside the old one and move the functions over first; or replace them in the same transaction, ' +
      'with CREATE OR REPLACE FUNCTION.',
    sql: 'ALTER TABLE orders ADD COLUMN stage text;',
    alembic: "op.add_column('orders', sa.Column('stage', sa.Text()))",
  },
  on: ['RenameStmt', 'DropStmt', 'AT_DropColumn'],
  needs:
    'CREATE TABLE orders (id int PRIMARY KEY, state text); CREATE FUNCTION close(of int) RETURNS void ' +
    "LANGUAGE plpgsql AS 'BEGIN UPDATE orders SET state = NULL WHERE id = of; END';",
  bad: 'ALTER TABLE orders RENAME COLUMN state TO stage;',
  good:
    'ALTER TABLE orders RENAME COLUMN state TO stage; CREATE OR REPLACE FUNCTION close(of int) RETURNS void ' +
    "LANGUAGE plpgsql AS 'BEGIN UPDATE orders SET stage = NULL WHERE id = of; END';",

  checkAtEnd(statement, { schema }) {
    const subjects = takenAway(statement, schema);
    // A function that was replaced since then has another body.
    return subjects.length > 0
      ? { judge: (after) => subjects.flatMap((each) => told(after, each)) }
      : undefined;
  },
});

/** A name that means nothing afterwards. */
interface Subject {
  name: string;
  isIn: (each: UserFunction) => boolean;
  isBack: (schema: Schema) => boolean;
}

function told(schema: Schema, { name, isIn, isBack }: Subject): Hit[] {
  const users = isBack(schema) ? [] : [...schema.functions.values()].filter(isIn);
  if (users.length === 0) return [];
  const called = listed(users.map(({ key }) => key));
  return [
    fromCatalog({
      message: `${called} ${users.length > 1 ? 'mention' : 'mentions'} ${name}, a name that means nothing afterwards`,
      relations: [],
    }),
  ];
}

function takenAway(statement: Node, schema: Schema): Subject[] {
  const dropped = tableCommand(statement, 'AT_DropColumn');
  if (dropped) return columnOf(schema, dropped.table, identifier(dropped.cmd.name ?? ''));
  const rename = read(statement, 'RenameStmt');
  if (rename?.renameType === 'OBJECT_COLUMN')
    return columnOf(schema, nameOf(rename.relation), identifier(rename.subname ?? ''));
  if (rename)
    return named(schema, rename.renameType ?? '', nameOf(rename.relation) || nameOfObject(rename.object));
  const drop = read(statement, 'DropStmt');
  return (drop?.objects ?? []).flatMap((each) => named(schema, drop?.removeType ?? '', nameOfObject(each)));
}

function columnOf(schema: Schema, table: string, column: string): Subject[] {
  const known = relationNamed(schema, table);
  if (!known || !columnNamed(known, column)) return [];
  const [key, triggers] = [known.key, known.triggers.map(({ calls }) => calls)];
  return [
    {
      name: `${table}.${column}`,
      isIn: ({ key: called, body = '' }) =>
        mentionsColumn(body, localOf(key), column, triggers.includes(called.slice(0, called.indexOf('(')))),
      isBack: (after) => columnNamed(after.relations.get(key), column) !== undefined,
    },
  ];
}

type Found = (schema: Schema, name: string) => Relation | { key: string } | undefined;
const finders: Partial<Record<string, Found>> = {
  OBJECT_TABLE: relationNamed,
  OBJECT_FOREIGN_TABLE: relationNamed,
  OBJECT_VIEW: relationNamed,
  OBJECT_MATVIEW: relationNamed,
  OBJECT_SEQUENCE: relationNamed,
  OBJECT_TYPE: typeNamed,
  OBJECT_DOMAIN: typeNamed,
  OBJECT_FUNCTION: (schema, name) => functionsNamed(schema, name)[0],
};

function named(schema: Schema, kind: string, name: string): Subject[] {
  const find = finders[kind];
  const known = find?.(schema, name);
  if (!find || !known) return [];
  const own = known.key.replace(/\(.*$/s, '');
  return [
    {
      name,
      // A function may call itself.
      isIn: ({ key, body = '' }) => key !== known.key && mentionsName(body, placeOf(own), localOf(own)),
      isBack: (after) => find(after, name) !== undefined,
    },
  ];
}
