import type { Intent, Wanted } from '../../../src/phases/wanted.js';
import type { LoadSide, Words } from '../../support/shop-load/shop-load.js';

/** One change of the shop, with the code that runs in its phases. */
export interface ShopChange {
  name: string;
  intent: Intent;
  wanted: Partial<Wanted> & { table: string };
  sides: Readonly<Record<string, LoadSide>>;
  /** Before the deploy, and after it was taken back. */
  old: readonly string[];
  /** While the deploy goes on, until the backfill is done. */
  filling: readonly string[];
  /** Both releases, once all rows are filled. */
  filled: readonly string[];
  /** Old code is gone. */
  last: readonly string[];
}

/** As SQLAlchemy has it by default. */
const cache = 100;
const today: Words = {
  ...{ note: 'gift_note', shown: 'gift_note' },
  ...{ key: 'id', delivery: 'd.id', number: '' },
};
const remark = { ...today, note: 'remark' };
/** Says itself of what type a key is: what it is in the table may change beneath. */
const cast = { ...today, key: 'CAST(id AS bigint)', delivery: 'CAST(d.id AS bigint)', number: '::bigint' };

export const changes: readonly ShopChange[] = [
  {
    name: 'a column gets another name',
    intent: 'rename-column',
    wanted: { table: 'orders', columns: ['gift_note'], to: 'remark' },
    sides: {
      r4: { words: today, cache },
      // What is not filled yet stands in the old column.
      r5: { words: { ...remark, shown: 'coalesce(remark, gift_note)' }, cache },
      r6: { words: { ...remark, shown: 'remark' }, cache },
    },
    ...{ old: ['r4'], filling: ['r4', 'r5'], filled: ['r4', 'r5', 'r6'], last: ['r6'] },
  },
  {
    name: 'an int key becomes bigint, with its foreign keys and its sequence',
    intent: 'change-type',
    wanted: { table: 'deliveries', columns: ['id'], type: 'bigint' },
    sides: {
      r4: { words: today, cache },
      casting: { words: cast, cache },
      'keeping no statements': { words: { ...today, number: '::bigint' }, cache: 0 },
    },
    old: ['r4'],
    ...{ filling: ['r4', 'casting'], filled: ['r4', 'casting', 'keeping no statements'] },
    last: ['casting', 'keeping no statements'],
  },
];
