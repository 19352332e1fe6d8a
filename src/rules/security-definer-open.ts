import type { Node } from '../sql/ast.js';
import { dotted, read, readAll } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'security-definer-open',
  risk: 'medium',
  effect:
    'It runs with the rights of its owner, but finds tables and functions by the path of its caller, who can ' +
    'put his own in their place.',
  blocks: 'nobody',
  instead: {
    says: 'Give it a path of its own, and write names with their schema.',
    sql:
      "CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = ''\n" +
      "  AS 'SELECT count(*) FROM public.orders';",
    alembic:
      'op.execute(\n    "CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER "\n' +
      "    \"SET search_path = '' AS 'SELECT count(*) FROM public.orders'\"\n)",
  },
  on: ['CreateFunctionStmt', 'AlterFunctionStmt'],
  bad: "CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM orders';",
  good: "CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';",

  check(statement) {
    const made = read(statement, 'CreateFunctionStmt');
    const altered = read(statement, 'AlterFunctionStmt');
    const options = made?.options ?? altered?.actions;
    if (!isDefiner(options) || hasPath(options)) return;
    const name = dotted(made?.funcname ?? altered?.func?.objname);
    return { message: `${name} runs as its owner, by the search_path of whoever calls it`, relations: [] };
  },
});

const isDefiner = (options: readonly Node[] | undefined): boolean =>
  readAll(options, 'DefElem').some(
    ({ defname, arg }) => defname === 'security' && read(arg, 'Boolean')?.boolval === true,
  );

const hasPath = (options: readonly Node[] | undefined): boolean =>
  readAll(options, 'DefElem').some(({ arg }) => read(arg, 'VariableSetStmt')?.name === 'search_path');
