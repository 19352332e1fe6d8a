import type { Content, DefElem, Node } from '../sql/ast.js';
import { dotted, read, readAll } from '../sql/ast.js';
import { columnTypeOf } from './column-type.js';
import type { Schema, UserFunction } from './model.js';
import { newKey } from './names.js';
import { functionsNamed } from './resolve.js';

/** Modes of arguments that are not given in a call, and are no part of the key. */
const outward = ['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE'];

const argumentType = (schema: Schema, type: Content<'TypeName'> | undefined): string => {
  const { name, isArray } = columnTypeOf(schema, type);
  return `${name}${isArray ? '[]' : ''}`;
};

export function createFunction(schema: Schema, statement: Content<'CreateFunctionStmt'>): void {
  const name = newKey(schema, dotted(statement.funcname));
  if (!name) return;
  const types = readAll(statement.parameters, 'FunctionParameter')
    .filter(({ mode = '' }) => !outward.includes(mode))
    .map(({ argType }) => argumentType(schema, argType));
  const options = readAll(statement.options, 'DefElem');
  const language = read(optionOf(options, 'language'), 'String')?.sval ?? 'sql';
  const body = readAll(read(optionOf(options, 'as'), 'List')?.items, 'String')[0]?.sval;
  const key = `${name}(${types.join()})`;
  schema.functions.set(key, {
    ...{ key, language },
    volatility: volatilityIn(options) ?? 'volatile',
    ...(body !== undefined && readable.includes(language) ? { body } : {}),
  });
}

const readable = ['sql', 'plpgsql'];

const optionOf = (options: readonly DefElem[], name: string): Node | undefined =>
  options.find(({ defname }) => defname === name)?.arg;

function volatilityIn(options: readonly DefElem[]): UserFunction['volatility'] | undefined {
  const said = read(optionOf(options, 'volatility'), 'String')?.sval;
  return said === 'immutable' || said === 'stable' || said === 'volatile' ? said : undefined;
}

/** ALTER FUNCTION … IMMUTABLE and the like. */
export function alterFunction(schema: Schema, statement: Content<'AlterFunctionStmt'>): void {
  const said = volatilityIn(readAll(statement.actions, 'DefElem'));
  const found = functionOf(schema, statement.func);
  if (said && found) found.volatility = said;
}

/** The function that `f(int)` names; without arguments the only one of that name. */
export function functionOf(
  schema: Schema,
  object: Content<'ObjectWithArgs'> | undefined,
): UserFunction | undefined {
  const named = functionsNamed(schema, dotted(object?.objname));
  if (object?.args_unspecified) return named.length === 1 ? named[0] : undefined;
  const types = readAll(object?.objargs, 'TypeName').map((type) => argumentType(schema, type));
  return named.find(({ key }) => key.endsWith(`(${types.join()})`));
}

export function dropFunction(schema: Schema, object: Node, cascades: boolean): void {
  const found = functionOf(schema, read(object, 'ObjectWithArgs'));
  if (!found) return;
  schema.functions.delete(found.key);
  const name = found.key.slice(0, found.key.indexOf('('));
  if (!cascades) return;
  for (const relation of schema.relations.values())
    relation.triggers = relation.triggers.filter(({ calls }) => calls !== name);
}
