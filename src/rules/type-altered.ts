import { dotted, identifier, nameOf, read } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'type-altered',
  risk: 'medium',
  effect:
    'Every column and function of the type changes with it, in every table, and the running release reads and ' +
    'writes values of another shape.',
  blocks: 'reads and writes of the tables made OF that type until commit',
  breaksRunning: true,
  instead: {
    says: 'Create a type of a new name, and move over column by column.',
    sql: 'CREATE TYPE address_2 AS (street text, city text, country text);',
    alembic: "op.execute('CREATE TYPE address_2 AS (street text, city text, country text)')",
  },
  on: ['AlterTableStmt', 'AlterTypeStmt', 'AT_AddColumn', 'AT_DropColumn', 'AT_AlterColumnType'],
  bad: 'ALTER TYPE address DROP ATTRIBUTE country;',
  good: 'CREATE TYPE address_2 AS (street text, city text, country text);',

  check(statement) {
    const altered = read(statement, 'AlterTypeStmt');
    if (altered)
      return { message: `how ${dotted(altered.typeName)} is stored or used changes`, relations: [] };
    const attribute = attributeOf(statement);
    if (!attribute) return;
    const { type, verb, name, subtype } = attribute;
    return {
      ...(subtype === 'AT_DropColumn' ? { risk: 'very-high' as const, dataLoss: true } : {}),
      ...(subtype === 'AT_AlterColumnType' ? { risk: 'high' as const } : {}),
      message: `the attribute ${name} of ${type} is ${verb} in every value of that type`,
      relations: [],
    };
  },
});

const verbs: Readonly<Record<string, string>> = {
  AT_AddColumn: 'added',
  AT_DropColumn: 'removed, with what is in it,',
  AT_AlterColumnType: 'converted',
};

function attributeOf(statement: Node) {
  const of = read(statement, 'AlterTableStmt');
  const cmd = read(of?.cmds?.[0], 'AlterTableCmd');
  if (of?.objtype !== 'OBJECT_TYPE' || !cmd) return undefined;
  return {
    type: nameOf(of.relation),
    name: identifier(cmd.name ?? read(cmd.def, 'ColumnDef')?.colname ?? ''),
    verb: verbs[cmd.subtype ?? ''] ?? 'changed',
    subtype: cmd.subtype,
  };
}
