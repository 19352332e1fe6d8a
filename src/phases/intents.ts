import { literally } from '../domain/pattern.js';
import { columnUnfit, notPlainTable } from '../domain/problems/phases.js';
import { first, left, move, part, refer, retype } from './columns.js';
import { addCheck, addIndex, addUnique, makeNotNull } from './constraints.js';
import type { Scaffold } from './draft.js';
import { dropColumn, dropTable } from './drops.js';
import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { columnIn, free, keyed, newIn, replaceable, tableIn } from './guards.js';
import { nameOf, ofChange } from './names.js';
import { renameColumn } from './rename.js';
import type { Intent, Wanted } from './wanted.js';

type Write = (facts: Facts, change: string, wanted: Wanted, table: TableFacts) => Scaffold;

const writers: Readonly<Record<Intent, Write>> = {
  'rename-column': (facts, change, wanted, table) => {
    const column = left(table, wanted, [first(table, wanted)])[0] as ColumnFacts;
    return renameColumn(facts, change, { table, column, to: newIn(table, wanted.to ?? '') });
  },
  'change-type': retype,
  'split-column': part,
  'merge-columns': part,
  'move-column': move,
  'not-null': (facts, _, wanted, table) => {
    const column = first(table, wanted);
    if (column.notNull)
      throw columnUnfit(table.name, column.name, 'is NOT NULL already', 'nothing is to be done');
    const value = wanted.set[column.name];
    if (value) keyed(table);
    return makeNotNull(facts, { table, column, value });
  },
  unique: (facts, _, wanted, table) => {
    const columns = wanted.columns.map((name) => columnIn(table, name).name);
    const name = free(
      facts,
      wanted.name ?? nameOf(table.name, ...columns, 'key'),
      'a constraint or an index',
    );
    return addUnique({ table, columns, name });
  },
  'foreign-key': refer,
  check: (facts, _, { expression = '', name = '' }, table) =>
    addCheck({ table, rows: expression, name: free(facts, name, 'a constraint') }),
  'add-index': (facts, _, wanted, table) => {
    const columns = wanted.columns.map((name) => columnIn(table, name).name);
    const name = free(facts, wanted.name ?? nameOf(table.name, ...columns, 'idx'), 'an index');
    return addIndex({ table, columns, name });
  },
  'drop-column': (facts, _, wanted, table) => {
    const column = first(table, wanted);
    if (column.generated)
      throw columnUnfit(
        table.name,
        column.name,
        'is generated',
        `write one revision by hand: ALTER TABLE ${table.name} DROP COLUMN ${column.name}, and its expression in the downgrade`,
      );
    replaceable(table, column);
    return dropColumn(facts, { table, column });
  },
  'drop-table': (facts, _change, _wanted, table) => {
    const others = table.referencedBy.filter((one) => one.table !== table.name);
    if (others.length)
      throw notPlainTable(
        table.name,
        `referred to by ${others.map((one) => `${one.name} of ${one.table}`).join(', ')}`,
        'drop these columns or constraints first, each as a change of its own',
      );
    const own = new RegExp(` (of|on) table ${literally(table.name)}$`);
    const used = table.columns
      .map((one) => ({ ...one, generated: '', users: one.users.filter((user) => !own.test(user)) }))
      .find(({ users }) => users.length);
    if (used) replaceable(table, used, true);
    return dropTable(facts, { table });
  },
};

/**
 * Writes the revisions of a change.
 *
 * @throws Problem of domain/problems/phases: what it cannot be written for
 */
export function scaffold(intent: Intent, facts: Facts, change: string, wanted: Wanted): Scaffold {
  const table = tableIn(facts, wanted.table);
  free(facts, ofChange(change, table.name), 'the function of a change of this name');
  return writers[intent](facts, change, wanted, table);
}
