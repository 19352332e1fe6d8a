import { withClient, type ClientOptions } from './client.js';

/**
 * How far the clock of this host is ahead of the database's. The way there and back is counted half.
 *
 * @returns milliseconds
 * @throws Problem of `withClient`
 */
export const clockOff = (url: string, options: ClientOptions): Promise<number> =>
  withClient(url, options, async (client) => {
    const before = Date.now();
    const { rows } = await client.query<{ ms: string }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS ms',
    );
    return Math.round((before + Date.now()) / 2 - Number(rows[0]?.ms));
  });
