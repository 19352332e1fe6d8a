import { applicationName, inside } from './support.js';

const ending = (whose: string): string =>
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
   AND pid <> pg_backend_pid() AND ${whose}`;

/** What goes wrong: a table rewritten, emptied and filled, others made and dropped, sessions of all kinds ended. */
const faults: readonly string[] = [
  'ALTER TABLE rewritten ALTER COLUMN x TYPE varchar(40)',
  'ALTER TABLE rewritten ALTER COLUMN x TYPE text',
  `BEGIN; CREATE TEMP TABLE kept ON COMMIT DROP AS TABLE rewritten; TRUNCATE rewritten;
   INSERT INTO rewritten TABLE kept; COMMIT`,
  'CREATE TABLE IF NOT EXISTS fleeting (x int); DROP TABLE fleeting',
  'REFRESH MATERIALIZED VIEW richest',
  'VACUUM (FREEZE) ledger',
  ending(`application_name = 'test' AND query LIKE 'INSERT%'`),
  ending(`starts_with(application_name, '${applicationName}') AND random() < 0.05`),
];

/** Does harm, politely as to locks, until told to stop. @returns what it did */
export async function nemesisOn(url: string, random: () => number, signal: AbortSignal): Promise<string[]> {
  const fired: string[] = [];
  while (!signal.aborted)
    await inside(url, async (client) => {
      // Its own name: it must not end itself.
      await client.query(`SET application_name = 'nemesis'; SET lock_timeout = 150`);
      const fault = faults[Math.floor(random() * faults.length)]!;
      await client.query(fault).then(
        () => fired.push(fault),
        () => client.query('ROLLBACK'),
      );
      await new Promise((resolve) => setTimeout(resolve, 30 + random() * 150));
    });
  return fired;
}
