import { copiesOfRun } from '../adapters/backup/restore-copies.js';
import { restoreBeside } from '../adapters/backup/restore-beside.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { databaseNamed, databases, mark, onServer } from '../adapters/postgres/databases.js';
import { codeOf } from '../adapters/postgres/failures.js';
import { endAllSessions } from '../adapters/postgres/swap-sessions.js';
import type { BackupManifest } from '../domain/backup.js';
import { shortRun } from '../domain/run-id.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { bytes, duration } from '../domain/units.js';
import type { Home } from './home.js';
import { copiesName, restoreOptions } from './restore-options.js';
import { refuseBeforehand } from './restore-preflight.js';
import { sourceOf } from './restore-source.js';
import { sessionName } from './standing.js';
import { tidyFirst } from './tidy.js';
import type { Work } from './work.js';

/**
 * Restores a backup into a database beside, compared with its manifest, that stays under a dated name and can be
 * connected to: a point to look into, or to copy rows from. It is dropped with `restore --drop`, or like a
 * replaced database after `backup.keepReplacedDays`. Safe to repeat.
 *
 * @throws Problem of `sourceOf`, `refuseBeforehand` and `restoreBeside`
 */
export async function makePoint(
  home: Home,
  input: RunInput & { backup: string },
  work: Work,
): Promise<Noted> {
  const target = home.target(input.target);
  const url = target.url();
  const found = await tidyFirst(home, input, work);
  const source = await sourceOf(target, { backup: input.backup }, input.runId, work);
  const { backup, manifest, versionTable, restored: standing } = source;
  if (!backup || !manifest) throw new Error('a backup has a manifest');
  const name = pointName(connectionOf(url).database, manifest, input.runId);
  const session = { applicationName: sessionName(target.name, 'point', input.runId), signal: work.signal };
  if (await isThere(url, name, session)) return { note: `${name} is there` };
  await refuseBeforehand(target, source, { runId: input.runId, beside: true }, work);
  const { runId } = input;
  const options = await restoreOptions(target, { versionTable, standing }, { runId, backup }, work, 'point');
  const { ms, bytes: size, name: copy } = await restoreBeside({ url }, backup, options);
  await giveName(url, session, { copy, name, run: copiesName('point', target.name, runId) });
  const days = target.settings.backup.keepReplacedDays;
  const note = `${name}: as of ${backup.startedAt}, restored in ${duration(ms)} (${bytes(size)}), equal to its manifest to the row; kept for ${days} days`;
  return { note: [note, ...found].join('; ') };
}

const isThere = (url: string, name: string, session: Parameters<typeof onServer>[1]): Promise<boolean> =>
  onServer(url, session, async (server) => (await databases(server)).some((each) => each.name === name));

/** The moment of the backup in it. At most 63 bytes, in ASCII. */
function pointName(database: string, { startedAt }: BackupManifest, runId: string): string {
  const at = startedAt.slice(0, 16).replaceAll('-', '').replace('T', '_').replace(':', '');
  const base = database.replace(/[^\x20-\x7e]/g, '_').slice(0, 32);
  return `${base}_as_of_${at}_${shortRun(runId.replace(/\W/g, ''))}`;
}

const TRIES = 5;
const OBJECT_IN_USE = '55006';

/** The name and the mark in one transaction: under its old name a sweep would drop it. */
async function giveName(
  url: string,
  session: Parameters<typeof onServer>[1],
  { copy, name, run }: { copy: string; name: string; run: string },
): Promise<void> {
  await onServer(url, session, async (server) => {
    const { oid } = await databaseNamed(server, connectionOf(url).database);
    const all = await copiesOfRun(server, oid, run);
    const marker = all.find((each) => each.name === copy)?.marker;
    if (!marker) throw new Error(`the copy ${copy} has no mark`);
    const quoted = (text: string) => server.escapeIdentifier(text);
    for (let tries = 1; ; tries += 1)
      try {
        await endAllSessions(server, copy);
        await server.query('BEGIN');
        await server.query(`ALTER DATABASE ${quoted(copy)} RENAME TO ${quoted(name)}`);
        await mark(server, name, { ...marker, state: 'point', at: new Date().toISOString() });
        await server.query('COMMIT');
        return;
      } catch (error) {
        await server.query('ROLLBACK').catch(() => undefined);
        // Autovacuum looks after it.
        if (codeOf(error) !== OBJECT_IN_USE || tries === TRIES) throw error;
      }
  });
}
