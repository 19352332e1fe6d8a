import type { CopyRecord } from '../../domain/copies.js';
import { readRecord } from './copy-record.js';
import type { Store } from './store.js';

const ENDING = '.copy.json';

/** Whole copies of a target's backups, as the store has them. `name`: what the names of their files begin with. */
export async function* listedCopies(
  store: Store,
  target: string,
  signal: AbortSignal,
): AsyncIterable<{ name: string; record: CopyRecord }> {
  const prefix = `${target}/`;
  for await (const { key } of store.list(prefix, signal)) {
    const name = key.slice(prefix.length, -ENDING.length);
    if (!key.endsWith(ENDING) || name.includes('/')) continue;
    const record = await readRecord(store, key, signal);
    if (record) yield { name, record };
  }
}
