import { type Client } from './client.js';
import { connectionOf, isSocket } from './connection.js';

const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

/** Whether the server is on this machine, as far as its address tells. */
export const isLocal = (url: string): boolean => {
  const connection = connectionOf(url);
  return isSocket(connection) || LOCAL.has(connection.host);
};

// Where the data is may be asked by few: pg_read_all_settings.
const query = `
  SELECT current_setting('data_directory') AS folder
  UNION SELECT pg_tablespace_location(dattablespace) FROM pg_database WHERE datname = current_database()`;

/** Folders of this machine in which the database grows; none where that cannot be known from here. */
export async function dataFolders(client: Client, url: string): Promise<string[]> {
  if (!isLocal(url)) return [];
  try {
    const { rows } = await client.query<{ folder: string }>(query);
    return rows.map(({ folder }) => folder).filter(Boolean);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42501') return [];
    throw error;
  }
}
