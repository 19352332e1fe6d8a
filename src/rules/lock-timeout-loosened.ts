import { read, readAll } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import { defineRule } from './rule.js';

/** Longer than this, a site that waits behind the migration looks down. */
const LONGEST_MS = 10_000;

export default defineRule({
  id: 'lock-timeout-loosened',
  risk: 'low',
  effect:
    'A statement that waits for its lock keeps everybody waiting who comes after it. Without a limit that lasts ' +
    'as long as the longest query.',
  blocks: 'reads and writes of the table, as long as the statement waits for its lock',
  instead: {
    says: 'Keep it at a few seconds and try again; only CONCURRENTLY and VALIDATE want none.',
    sql: "SET lock_timeout = '2s';",
    alembic: 'op.execute("SET lock_timeout = \'2s\'")',
  },
  on: ['VariableSetStmt'],
  bad: "SET lock_timeout = '10min';",
  good: "SET lock_timeout = '2s';",

  check(statement) {
    const set = read(statement, 'VariableSetStmt');
    if (set?.kind !== 'VAR_SET_VALUE' || set.name !== 'lock_timeout') return;
    const limit = milliseconds(set.args?.[0]);
    if (limit === undefined || (limit > 0 && limit <= LONGEST_MS)) return;
    const what = limit === 0 ? 'without a limit' : `for up to ${limit / 1000} s`;
    return { message: `statements may wait for their locks ${what} from here on`, relations: [] };
  },
});

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** As PostgreSQL reads a time: a number alone is milliseconds. */
function milliseconds(value: Node | undefined): number | undefined {
  const [constant] = readAll(value ? [value] : [], 'A_Const');
  if (constant?.ival) return constant.ival.ival ?? 0;
  const [, number, unit = 'ms'] = /^\s*(\d+)\s*(ms|s|min|h|d)?\s*$/.exec(constant?.sval?.sval ?? '') ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 1);
}
