import type { LockedRelation } from '../domain/plan.js';
import type { Node } from '../sql/ast.js';
import { alterationOf, dotted, identifier, inside, nameOf, read, readAll, tableCommand } from '../sql/ast.js';
import type { Hit, Names } from './rule.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'sequence-altered',
  risk: 'medium',
  effect:
    'Every INSERT that takes a number from the sequence waits; a restart may give numbers ' +
    'that are there already.',
  blocks: 'inserts that take a number from it, until commit',
  instead: {
    says: 'Keep it alone in its revision.',
    sql: 'ALTER SEQUENCE orders_id_seq AS bigint; -- alone in its revision',
    alembic: "op.execute('ALTER SEQUENCE orders_id_seq AS bigint')",
  },
  on: ['AlterSeqStmt', 'AT_SetIdentity', 'AT_SetLogged', 'AT_SetUnLogged', 'SelectStmt', 'InsertStmt'],
  bad: 'ALTER SEQUENCE orders_id_seq RESTART WITH 1;',
  good: 'CREATE SEQUENCE numbers; ALTER SEQUENCE numbers RESTART WITH 1;',

  check(statement, { newTables }) {
    const set = numberSet(statement, newTables);
    if (set) return set;
    const restarted = identityRestarted(statement);
    if (restarted) return restarted;
    const altered = alteredIn(statement);
    if (!altered) return;
    return {
      message: `inserts that take a number from ${altered.name} wait until commit`,
      relations: [altered],
    };
  },
});

function alteredIn(statement: Node): LockedRelation | undefined {
  const altered = read(statement, 'AlterSeqStmt');
  if (altered) return locked(nameOf(altered.sequence), 'SHARE ROW EXCLUSIVE');
  const logged = alterationOf(statement);
  return logged?.of === 'OBJECT_SEQUENCE' ? locked(logged.table, 'ACCESS EXCLUSIVE') : undefined;
}

function identityRestarted(statement: Node): Hit | undefined {
  const identity = tableCommand(statement, 'AT_SetIdentity');
  const options = readAll(read(identity?.cmd.def, 'List')?.items, 'DefElem');
  if (!identity || !options.some(({ defname }) => defname === 'restart')) return undefined;
  const column = `${identity.table}.${identifier(identity.cmd.name ?? '')}`;
  return {
    message: `the numbers of ${column} start again, and may be there already`,
    relations: [locked(identity.table, 'ACCESS EXCLUSIVE')],
  };
}

/** setval() takes no lock that anybody waits for; a number written by hand may be given again. */
function numberSet(statement: Node, newTables: Names): Hit | undefined {
  const call = [...inside(statement)]
    .flatMap((node) => read(node, 'FuncCall') ?? [])
    .find(({ funcname }) => dotted(funcname).replace(/^pg_catalog\./, '') === 'setval');
  const [which, number] = call?.args ?? [];
  if (!call || newTables.has(namedBy(which))) return undefined;
  const counted = [...inside(number)].some((node) => read(node, 'SelectStmt'));
  return {
    ...(counted ? { risk: 'low' as const } : { breaksRunning: true }),
    message: `the next number of ${namedBy(which) || 'a sequence'} is set${counted ? '' : ' to one that may be taken already'}`,
    relations: [],
  };
}

/** `'orders_id_seq'`, `'orders_id_seq'::regclass`. */
const namedBy = (argument: Node | undefined): string =>
  read(argument, 'A_Const')?.sval?.sval ?? read(read(argument, 'TypeCast')?.arg, 'A_Const')?.sval?.sval ?? '';
