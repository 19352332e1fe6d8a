import type { LockedRelation } from '../domain/plan.js';
import type { Effects } from '../locks/effects.js';
import type { Node } from '../sql/ast.js';
import { kindOf, read } from '../sql/ast.js';
import type { Context } from './rule.js';
import { defineRule, locked } from './rule.js';
import { isQuery, writtenBy } from './touched.js';
import type { HeldLock } from './transaction.js';

export default defineRule({
  id: 'work-under-lock',
  risk: 'high',
  effect:
    'A lock is held until its transaction ends. An earlier statement needed it for a moment only; now it is ' +
    'held for as long as this one works, and everybody who wants that table waits.',
  blocks: 'reads or writes of the table locked before, until commit',
  instead: {
    says: 'Commit before it: a revision of its own, with transaction_per_migration in env.py.',
    sql:
      'BEGIN; ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID; COMMIT;\n' +
      'ALTER TABLE orders VALIDATE CONSTRAINT positive;',
    alembic:
      '# env.py: context.configure(…, transaction_per_migration=True)\n' +
      '# one revision\n' +
      "op.create_check_constraint('positive', 'orders', 'amount > 0', postgresql_not_valid=True)\n" +
      '# the next one\n' +
      "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT positive')",
  },
  bad:
    'BEGIN; ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;\n' +
    'ALTER TABLE orders VALIDATE CONSTRAINT positive; COMMIT;',
  good:
    'BEGIN; ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID; COMMIT;\n' +
    'ALTER TABLE orders VALIDATE CONSTRAINT positive;',
  alsoNew: true,
  aboutRun: true,

  check(statement, context) {
    const held = context.transaction?.held ?? [];
    if (held.length === 0 || context.transaction?.state === 'none') return;
    const work = workOf(statement, context);
    if (work.length === 0) return;
    const worse = held.filter((lock) => makesWorse(lock, work));
    const [first] = worse;
    if (!first) return;
    return { message: messageOf(work, first, worse.length - 1), relations: relationsOf(worse) };
  },
});

/** What takes as long as a table is large: the table, what happens, and whom it keeps waiting by itself. */
interface Work {
  table: string;
  does: string;
  blocks: LockedRelation['blocks'];
}

function workOf(statement: Node, { effects, newTables }: Context): Work[] {
  const all = effects ? measured(effects) : [];
  if (isQuery(statement))
    for (const table of changesMany(statement))
      all.push({ table, does: 'changes rows of it', blocks: 'nothing' });
  return all.length === 0 ? all : all.filter(({ table }) => !newTables.has(table));
}

function measured({ relations }: Effects): Work[] {
  const all: Work[] = [];
  for (const { name, kind, lock, rewrites, scans, builds } of relations) {
    if (kind !== 'table' || !(rewrites || builds || scans)) continue;
    const does = rewrites ? 'writes all of it anew' : builds ? 'builds an index of it' : 'reads all of it';
    all.push({ table: name, does, blocks: locked(name, lock).blocks });
  }
  return all;
}

/** INSERT … VALUES is short. */
function changesMany(statement: Node): string[] {
  const copy = read(statement, 'CopyStmt');
  const values = read(read(statement, 'InsertStmt')?.selectStmt, 'SelectStmt')?.valuesLists;
  if (copy || (kindOf(statement) === 'InsertStmt' && values)) return [];
  return [...new Set(writtenBy(statement))];
}

const weight: Record<LockedRelation['blocks'], number> = { nothing: 0, writes: 1, 'reads and writes': 2 };

/** The work keeps nobody of that table waiting by itself, or fewer. */
const makesWorse = (held: HeldLock, work: readonly Work[]): boolean =>
  work.every(({ table, blocks }) => table !== held.name || weight[blocks] < weight[held.blocks]);

function messageOf([work]: readonly Work[], held: HeldLock, more: number): string {
  const from = held.revision === undefined ? '' : ` from ${held.revision}`;
  const others = more > 0 ? ` and ${more} more` : '';
  return `this ${work?.does.replace(/\bit\b/, work.table)} while the transaction still holds ${held.lock} on ${held.name}${from}${others}: ${held.blocks} wait until commit`;
}

const relationsOf = (held: readonly HeldLock[]): LockedRelation[] =>
  held.map(({ name, lock }) => locked(name, lock));
