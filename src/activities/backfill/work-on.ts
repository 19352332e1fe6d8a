import { createHash } from 'node:crypto';
import { journalId, openJournal, readJournal } from '../../adapters/backfill/journal.js';
import { parkedRows } from '../../adapters/backfill/parked.js';
import { fittingTable } from '../../adapters/backfill/fits.js';
import { assertLoads } from '../../adapters/backfill/way.js';
import { type Client, withClient } from '../../adapters/postgres/client.js';
import { backfillOf } from '../../config/backfill.js';
import type { BackfillDefinition, BackfillStanding } from '../../domain/backfill/definition.js';
import type { BackfillBegun, BackfillStretch } from '../../domain/backfill/stretch.js';
import type { RunInput } from '../../domain/steps.js';
import { nextOpening, parseWindow, type Window } from '../../domain/windows.js';
import { closureOf } from '../closures.js';
import type { Home, Target } from '../home.js';
import { sessionName } from '../standing.js';
import type { Work } from '../work.js';
import { fill } from './fill.js';
import { functionProject } from './function-project.js';

export interface BackfillInput extends RunInput {
  name: string;
}

/** Of one backfill alone: a name that begins as another one's would end its sessions. */
const sessionsOf = (target: string, name: string): string =>
  `${sessionName(target, 'fill')}:${createHash('sha256').update(name).digest('hex').slice(0, 8)}:`;

/**
 * Looks at the table, tries the statements without running them, and makes the journal; or finds the one that is there.
 *
 * @throws Problem `backfill-faults` and those of `fittingTable` and `openJournal`
 */
export async function beginBackfill(
  home: Home,
  {
    target: wanted,
    name,
    runId,
    settings,
    again = false,
  }: BackfillInput & { settings: unknown; again?: boolean },
  work: Work,
): Promise<BackfillBegun> {
  const { signal } = work;
  const definition = backfillOf(settings, `the backfill ${name}`);
  const target = home.target(wanted);
  const options = { applicationName: `${sessionsOf(target.name, name)}begin`, signal };
  return withClient(target.url(), options, async (client) => {
    const id = journalId(target.name, name);
    const table = await fittingTable(client, definition);
    const project = definition.python ? await functionProject(target, runId, work) : undefined;
    await assertLoads({ client, table, definition, project, signal });
    const journal = await openJournal(client, id, definition, table.estimate, again);
    return { notes: table.notes.slice(0, 20), standing: standingOf(journal) };
  });
}

/** Only what is small goes to Temporal. */
const standingOf = (journal: BackfillStanding): BackfillStanding => {
  const { phase, pass, scanned, changed, batches, estimate, parked, left, differ } = journal;
  return { phase, pass, scanned, changed, batches, estimate, parked, left, differ };
};

export interface WorkOnInput extends BackfillInput {
  /** The most rows a second; null: what its settings say. */
  rowsPerSecond: number | null;
  forMs: number;
  share?: number;
  batchRows?: number;
}

/**
 * Works on a backfill for a while, within the hours that it may.
 *
 * @throws what `fill` throws
 */
export async function workOnBackfill(home: Home, input: WorkOnInput, work: Work): Promise<BackfillStretch> {
  const target = home.target(input.target);
  const id = journalId(target.name, input.name);
  const sessions = sessionsOf(target.name, input.name);
  const look = { applicationName: `${sessions}peek`, signal: work.signal };
  const { closed, python } = await withClient(target.url(), look, (client) => whenOpen(client, id));
  if (closed) return closed;
  const project = python ? await functionProject(target, input.runId, work) : undefined;
  const { name: _, runId: __, target: ___, ...paced } = input;
  const filled = await fill(target.url(), {
    ...{ ...paced, id, sessions, project, signal: work.signal, forbidden: () => whyForbidden(target) },
    progress: (standing, held) => work.progress(progressText(standing, held)),
  });
  const { over, standing, rows, ms, held, share, batchRows } = filled;
  const parked = await withClient(target.url(), look, (client) => parkedRows(client, id, MOST_PARKED));
  return {
    ...{ is: over ? 'over' : 'going on', standing: standingOf(standing), rows, ms: Math.round(ms) },
    ...{
      held: held.map((each) => target.mask(each).slice(0, 300)),
      share,
      batchRows,
      parked: parked.map(shortened),
    },
  };
}

/** The first ones: the table has all. */
const MOST_PARKED = 20;
const shortened = ({ key, code, error }: BackfillStretch['parked'][number]) => ({
  ...{ key: key.map((value) => value.slice(0, 60)), code, error: error.slice(0, 200) },
});

const progressText = (
  { phase, pass, scanned, changed }: BackfillStanding,
  held: readonly string[],
): string =>
  held.length ? `held: ${held.join('; ')}` : `${phase}, pass ${pass}: ${scanned} rows, ${changed} changed`;

/** @returns `closed`: outside of the hours in which it may work; `python`: whether a function gives the values */
async function whenOpen(client: Client, id: string): Promise<{ closed?: BackfillStretch; python: boolean }> {
  const journal = await readJournal(client, id);
  const until = journal ? nextOpening(windowsOf(journal.definition), Date.now()) : null;
  const python = Boolean(journal?.definition.python);
  if (!journal || until === null || until <= Date.now()) return { python };
  const closed: BackfillStretch = {
    ...{ is: 'outside hours', until: new Date(until).toISOString(), standing: standingOf(journal) },
    ...{ rows: 0, ms: 0, held: [], share: 1, batchRows: 0, parked: [] },
  };
  return { closed, python };
}

const windowsOf = ({ hours }: BackfillDefinition): Window[] =>
  hours.map(parseWindow).filter((window) => typeof window !== 'string');

/** A run that has closed the site may prove that nobody writes. */
async function whyForbidden(target: Target): Promise<string | null> {
  const site = await closureOf(target, Date.now());
  return site && site.flag.is !== 'absent' ? `the site is ${site.says}` : null;
}
