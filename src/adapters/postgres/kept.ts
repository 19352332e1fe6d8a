import { type Client, type ClientOptions, withClient } from './client.js';
import { onServer, withDatabase } from './databases.js';

/**
 * Works in a database that was put aside, and is closed otherwise: its name is opened for that long. One that a
 * crash has left open is closed by the next run.
 */
export async function withKept<T>(
  url: string,
  name: string,
  options: ClientOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  await allow(url, name, options, true);
  try {
    return await withClient(withDatabase(url, name), options, work);
  } finally {
    // By a session of its own: an abort has ended the other one.
    await allow(url, name, { applicationName: options.applicationName }, false).catch(() => undefined);
  }
}

/** Lets a database be connected to, or no longer. */
export const allow = (url: string, name: string, options: ClientOptions, open: boolean): Promise<void> =>
  onServer(url, options, async (server) => {
    await server.query(`ALTER DATABASE ${server.escapeIdentifier(name)} ALLOW_CONNECTIONS ${open}`);
  });
