import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { constrainNew } from './constrain.js';
import type { Scaffold } from './draft.js';
import {
  dropOf,
  expandOf,
  fillingBackOf,
  fillingOf,
  loosenPair,
  syncOf,
  valueMoved,
  type Pair,
} from './pair.js';
import { copiesFor } from './rules-of-column.js';

/** A column gets another name: a new one beside it, in step, until nobody uses the old one any more. */
export function renameColumn(
  facts: Facts,
  change: string,
  { table, column, to }: { table: TableFacts; column: ColumnFacts; to: string },
): Scaffold {
  const { type, name } = column;
  const sync = syncOf(
    change,
    table.name,
    [{ column: to, type, expression: name, plain: true }],
    [{ column: name, type, expression: to, plain: true }],
  );
  const copies = copiesFor(facts, table, name, to, name);
  const pair: Pair = { facts, table, old: column, oldNow: name, sync, copies };
  return {
    revisions: [
      expandOf(sync, [column.comment]),
      ...constrainNew(pair),
      ...loosenPair(pair),
      dropOf(sync, {
        up: valueMoved(table.name, column, name, to),
        down: valueMoved(table.name, column, to, name),
      }),
    ],
    fill: [fillingOf(sync)],
    fillBack: [fillingBackOf(sync)],
    notes: [
      ...(column.default === null
        ? []
        : [
            `Until contract the default of ${name} is what a row gets whose ${to} is not given or NULL: an INSERT cannot tell them apart.`,
          ]),
    ],
  };
}
