import { forgetJournal, journalId } from '../../adapters/backfill/journal.js';
import { withClient } from '../../adapters/postgres/client.js';
import { count } from '../../domain/units.js';
import type { Home } from '../home.js';
import { sessionName } from '../standing.js';
import type { Work } from '../work.js';
import type { PhasesInput } from './begin.js';
import type { Noted } from '../../domain/steps.js';

/** Takes away what the backfills of a change have noted in the database, once the change is given up. */
export async function forgetFills(
  home: Home,
  { target: wanted, runId, fills }: PhasesInput & { fills: readonly string[] },
  { signal }: Work,
): Promise<Noted> {
  const target = home.target(wanted);
  const options = { applicationName: sessionName(target.name, 'look', runId), signal };
  const ids = fills.map((name) => journalId(target.name, name));
  const gone = await withClient(target.url(), options, (client) => forgetJournal(client, ids));
  return { note: gone ? `the notes of ${count(gone, 'backfill')} are gone` : 'no backfill has left notes' };
}
