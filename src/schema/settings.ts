import type { Content, Node } from '../sql/ast.js';
import { identifier, read, readAll } from '../sql/ast.js';
import { effectfulIn, functionsIn } from '../sql/functions.js';
import { forget, forgetPath } from './empty.js';
import type { Schema } from './model.js';

/** Settings that decide which object a name without a schema means. */
const deciding = ['search_path', 'role', 'session_authorization'];

/**
 * SET. A file is one session, so that its search path can be followed. In a plan it may be put back at the end of a
 * transaction, or by env.py: then no name without a schema is sure any more.
 */
export function setVariable(schema: Schema, statement: Content<'VariableSetStmt'>): void {
  const { kind, name = '', args, is_local: isLocal } = statement;
  if (name === 'timezone') return setTimeZone(schema, statement);
  if (kind !== 'VAR_RESET_ALL' && !deciding.includes(name)) return;
  const path = name === 'search_path' && kind === 'VAR_SET_VALUE' && !isLocal ? constantsIn(args) : null;
  follow(schema, path, name ? `SET ${name}` : 'RESET ALL');
}

function setTimeZone(schema: Schema, { args, is_local: isLocal }: Content<'VariableSetStmt'>): void {
  const zone = readAll(args, 'A_Const')[0]?.sval?.sval;
  if (zone === undefined) delete schema.timeZone;
  else schema.timeZone = zone;
  if (isLocal) schema.timeZoneEnds = true;
}

export function follow(schema: Schema, path: string[] | null, why: string): void {
  if (schema.source === 'file' && path) schema.searchPath = path;
  else if (schema.source !== 'file' || why === 'SET search_path') forgetPath(schema, why);
}

const constantsIn = (args: readonly Node[] | undefined): string[] =>
  readAll(args, 'A_Const').flatMap(({ sval }) => (sval?.sval ? [identifier(sval.sval)] : []));

/** Functions that change values, settings or locks, and no object. */
const noObject = ['setval', 'nextval', 'set_config', 'pg_notify', 'pg_sleep', 'lastval', 'currval'];

/** A query: what an unknown function does, nobody knows. set_config() may change the path. */
export function runQuery(schema: Schema, node: Node): void {
  const into = read(node, 'SelectStmt')?.intoClause;
  const called = functionsIn(node);
  if (called.includes('set_config') && /search_path|role/.test(JSON.stringify(node)))
    follow(schema, pathIn(node), 'SET search_path');
  const unknown = called.find(
    (name) =>
      effectfulIn({ FuncCall: { funcname: name.split('.').map((sval) => ({ String: { sval } })) } }) &&
      !noObject.includes(name) &&
      !/^pg_(try_)?advisory/.test(name),
  );
  if (unknown && !into) forget(schema, `a call of ${unknown}()`);
}

/** `SELECT set_config('search_path', 'a, b', false)`, as pg_dump writes it. */
function pathIn(node: Node): string[] | null {
  const target = read(read(node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val;
  const [name, value] = readAll(read(target, 'FuncCall')?.args, 'A_Const').map(({ sval }) => sval?.sval);
  if (name !== 'search_path') return null;
  return (value ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
}
