import type { RunRecord } from '../domain/record.js';
import { forgetUnfinished } from './back-up.js';
import type { Home } from './home.js';
import { keep } from './records.js';
import { tidyLast } from './tidy.js';
import type { Work } from './work.js';

/** Ends a run: its record is kept first, because it is worth more than what is tidied after it. */
export async function keepRecord(home: Home, record: RunRecord, work: Work): Promise<void> {
  const { state } = home.config();
  await forgetUnfinished(home, record).catch(() => undefined);
  await keep(state, record);
  const tidied = await tidyLast(home, record, work);
  if (tidied !== record) await keep(state, tidied);
}
