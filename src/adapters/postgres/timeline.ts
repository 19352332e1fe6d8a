import type { BackedUpDatabase } from '../../domain/backup.js';
import type { Client } from './client.js';

/** The first eight digits of a file's name are its timeline; a standby writes no files of its own. */
const query = `
  SELECT pg_is_in_recovery() AS standby,
    CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS file,
    has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS "mayAsk"`;

/**
 * Which timeline the server is on, and whether it is a standby. That of a standby is the one of its last restart point:
 * a promotion that it has followed since then is not seen yet.
 */
export async function timelineOf(
  client: Client,
): Promise<Required<Pick<BackedUpDatabase, 'timeline' | 'standby'>>> {
  const { rows } = await client.query<{ standby: boolean; file: string | null; mayAsk: boolean }>(query);
  const { standby, file, mayAsk } = rows[0]!;
  if (file !== null) return { standby, timeline: Number.parseInt(file, 16) };
  return { standby, timeline: mayAsk ? await ofCheckpoint(client) : null };
}

async function ofCheckpoint(client: Client): Promise<number | null> {
  const { rows } = await client.query<{ timeline: number }>(
    'SELECT timeline_id AS timeline FROM pg_control_checkpoint()',
  );
  return rows[0]?.timeline ?? null;
}
