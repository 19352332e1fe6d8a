import { fill, type Filled, type FillOptions } from '../../../src/activities/backfill/fill.js';
import { journalId, openJournal } from '../../../src/adapters/backfill/journal.js';
import { fittingTable } from '../../../src/adapters/backfill/fits.js';
import { withClient, type Client } from '../../../src/adapters/postgres/client.js';
import { backfillOf } from '../../../src/config/backfill.js';

export const ID = journalId('shop', 'cents');

/** What a test says of a backfill. */
export type Settings = Record<string, unknown>;

export const query = <R extends object>(url: string, sql: string, values: unknown[] = []): Promise<R[]> =>
  withClient(url, { applicationName: 'test' }, async (client) => (await client.query<R>(sql, values)).rows);

/** Begins a backfill as the activity does. */
export const open = (url: string, settings: Settings, { again = false } = {}) =>
  withClient(url, { applicationName: 'test' }, (client: Client) => opened(client, settings, again));

async function opened(client: Client, settings: Settings, again: boolean) {
  const definition = backfillOf(settings, 'the test');
  const table = await fittingTable(client, definition);
  return { table, journal: await openJournal(client, ID, definition, table.estimate, again) };
}

export const options = (more: Partial<FillOptions> = {}): FillOptions => ({
  id: ID,
  sessions: 'lockkeeper:shop:fill:test:',
  rowsPerSecond: null,
  forMs: 600_000,
  signal: new AbortController().signal,
  forbidden: () => Promise.resolve(null),
  progress: () => undefined,
  ...more,
});

/** Begins it and takes it to its end. */
export async function run(url: string, settings: Settings, more: Partial<FillOptions> = {}): Promise<Filled> {
  await open(url, settings);
  return fill(url, options(more));
}
