import type { Node } from '../sql/ast.js';
import { dotted, identifier, inside, read, readAll } from '../sql/ast.js';
import { typeName } from '../sql/types.js';

/** Columns that an expression names, each once; what is before a dot is left out. */
export function columnsIn(expression: unknown): string[] {
  const names = [...inside(expression)].flatMap((node) => {
    const field = read(read(node, 'ColumnRef')?.fields?.at(-1), 'String')?.sval;
    return field === undefined ? [] : [identifier(field)];
  });
  return [...new Set(names)];
}

/** Columns that are not NULL wherever the condition is true: `a IS NOT NULL`, alone or with others by AND. */
export function provenNotNull(condition: Node | undefined): string[] {
  const all = read(condition, 'BoolExpr');
  if (all) return all.boolop === 'AND_EXPR' ? (all.args ?? []).flatMap(provenNotNull) : [];
  const test = read(condition, 'NullTest');
  return test?.nulltesttype === 'IS_NOT_NULL' && read(test.arg, 'ColumnRef') ? columnsIn(test.arg) : [];
}

const TOO_LONG = 80;

/** The expression in short, for people: constants, calls and casts as they are, all else as `…`. */
export function shown(expression: Node | undefined): string {
  const text = print(expression, 0);
  return text.length > TOO_LONG ? '…' : text;
}

function print(node: Node | undefined, depth: number): string {
  if (!node || depth > 5) return '…';
  const constant = read(node, 'A_Const');
  if (constant) return constantText(constant);
  const cast = read(node, 'TypeCast');
  if (cast) return `${print(cast.arg, depth + 1)}::${typeName(cast.typeName)}`;
  const call = read(node, 'FuncCall');
  if (call)
    return `${dotted(call.funcname)}(${(call.args ?? []).map((each) => print(each, depth + 1)).join(', ')})`;
  const column = read(node, 'ColumnRef');
  if (column) return readAll(column.fields, 'String').map(({ sval = '' }) => identifier(sval)).join('.');
  return read(node, 'SQLValueFunction')?.op?.replace('SVFOP_', '') ?? '…';
}

interface Constant {
  isnull?: boolean;
  ival?: { ival?: number };
  fval?: { fval?: string };
  sval?: { sval?: string };
  boolval?: { boolval?: boolean };
}

function constantText({ isnull, ival, fval, sval, boolval }: Constant): string {
  if (isnull) return 'NULL';
  if (ival) return String(ival.ival ?? 0);
  if (fval) return fval.fval ?? '0';
  if (sval) return `'${(sval.sval ?? '').replaceAll("'", "''")}'`;
  return boolval ? String(boolval.boolval ?? false) : '…';
}

/** PostgreSQL's FigureColname(), as far as it names the columns of an index. */
export function nameOfExpression(expression: Node | undefined): string {
  const call = read(expression, 'FuncCall');
  if (call) return identifier(readAll(call.funcname, 'String').at(-1)?.sval ?? 'expr');
  const cast = read(expression, 'TypeCast');
  if (cast) {
    const inner = nameOfExpression(cast.arg);
    return inner === 'expr' ? (typeName(cast.typeName).split('.').at(-1) ?? 'expr') : inner;
  }
  const collated = read(expression, 'CollateClause');
  if (collated) return nameOfExpression(collated.arg);
  if (read(expression, 'CoalesceExpr')) return 'coalesce';
  if (read(expression, 'CaseExpr')) return 'case';
  const field = read(read(expression, 'ColumnRef')?.fields?.at(-1), 'String')?.sval;
  return field === undefined ? 'expr' : identifier(field);
}
