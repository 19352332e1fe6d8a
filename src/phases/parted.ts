import type { Scaffold } from './draft.js';
import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { dropOf, expandOf, fillBack, fillingBackOf, fillingOf, loosenOf, proofOf, syncOf } from './pair.js';
import { copiesOf } from './rules-of-column.js';

/** Columns of a row in place of others: one split into several, or several merged into one. */
export interface Parted {
  table: TableFacts;
  olds: readonly ColumnFacts[];
  /** Name and type of the new ones. */
  news: readonly { name: string; type: string }[];
  /** By new column: of the old ones. */
  forth: Readonly<Record<string, string>>;
  /** By old column: of the new ones. */
  back: Readonly<Record<string, string>>;
}

export function partColumns(
  facts: Facts,
  change: string,
  { table, olds, news, forth, back }: Parted,
): Scaffold {
  const sync = syncOf(
    change,
    table.name,
    news.map(({ name, type }) => ({ column: name, type, expression: forth[name] ?? 'NULL', plain: false })),
    olds.map(({ name, type }) => ({ column: name, type, expression: back[name] ?? 'NULL', plain: false })),
  );
  const copies = olds.flatMap(({ name }) => copiesOf(facts, table, name, name));
  const once = copies.filter(({ from }, index) => copies.findIndex((one) => one.from === from) === index);
  const names = olds.map(({ name }) => name).join(', ');
  return {
    revisions: [
      expandOf(sync, []),
      ...loosenOf({
        ...{ facts, table, copies: once, does: `prove that ${names} holds nothing of its own` },
        notNulls: olds.filter(({ notNull }) => notNull).map(({ name }) => name),
        prove: [proofOf(sync)],
        fill: fillBack(table, sync),
      }),
      dropOf(sync, { up: [], down: [] }),
    ],
    fill: [fillingOf(sync)],
    fillBack: [fillingBackOf(sync)],
    notes: [
      ...once.map(
        ({ kind, from }) => `The ${kind} ${from} goes with ${names}: write what the new columns need.`,
      ),
      `What the new columns must not be (NULL, double) is a change of its own: lockkeeper phases new not-null, unique, check.`,
    ],
  };
}
