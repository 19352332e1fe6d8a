import { changedRows } from '../adapters/backup/changed-rows.js';
import { ofOneMoment } from '../adapters/backup/restore-compare.js';
import { pgTools } from '../adapters/backup/pg-tools.js';
import { readCatalog } from '../adapters/postgres/catalog.js';
import { withClient } from '../adapters/postgres/client.js';
import { rowDifferences } from '../adapters/postgres/compare-contents.js';
import { fingerprintDifference, fingerprintHere } from '../adapters/postgres/fingerprint.js';
import {
  type ChangedColumn,
  changedColumns,
  SAMPLE,
  type TableValues,
  tableValues,
} from '../adapters/postgres/table-values.js';
import { ONLY_COUNTED } from '../domain/conclusion.js';
import type { Plan } from '../domain/plan.js';
import { bytes, count, GIB } from '../domain/units.js';
import type { LostValues } from '../plan/rehearsed.js';
import type { Schema } from '../schema/model.js';
import type { Target } from './home.js';
import { keepSchema } from './plans.js';
import { type Copy } from './rehearsal-copy.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** Schema and contents of a copy at one moment. */
export interface State {
  lines: string[];
  tables: Readonly<Record<string, TableValues>>;
}

/** What the check reads of a database, of the copy. */
export const schemaOf = (target: Target, signal: AbortSignal): Promise<Schema> =>
  withClient(target.url(), { applicationName: sessionName(target.name, 'look'), signal }, (client) =>
    readCatalog(client),
  );

/** @param target - on its copy */
export async function stateOf(target: Target, { versionTable }: Plan, { signal }: Work): Promise<State> {
  const session = { applicationName: sessionName(target.name, 'look'), signal };
  const options = { versionTable, ignore: target.settings.ignore };
  const upTo = target.settings.rehearsal.compareUpToGiB * GIB;
  const found = await withClient(target.url(), session, (client) =>
    ofOneMoment(client, async ({ tables }) => {
      const names = tables.filter(({ partitioned }) => !partitioned).map(({ name }) => name);
      // Alembic makes its own table with the first revision, and leaves it.
      const others = names.filter((name) => !name.endsWith(`.${versionTable.name}`) && !isOurs(name));
      return {
        tables: await tableValues(client, others, { upTo, signal }),
        ...(await fingerprintHere(client, options)),
      };
    }),
  );
  await keepSchema(target.config.state, found.hash, found.lines);
  return { lines: found.lines, tables: found.tables };
}

/** Keepsakes that the way forward has made stay when it is gone back: our own schemas are left out of the fingerprint, too. */
const isOurs = (table: string): boolean => /^"?lockkeeper/.test(table);

export function schemaDifference(before: State, after: State): string[] {
  const { missing, added } = fingerprintDifference(before, after);
  return [...missing.map((line) => `missing: ${line}`), ...added.map((line) => `left over: ${line}`)];
}

const rowsIn = ({ tables }: State): Record<string, number> =>
  Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows]));

export const rowDifference = (before: State, after: State): string[] =>
  rowDifferences(rowsIn(before), rowsIn(after), ['before', 'after going back']);

/** What was compared, in words: people must know what was not. */
export function comparedText({ tables }: State, { settings }: Target): string {
  const all = Object.values(tables);
  const whole = all.filter(({ columns, sampled }) => columns && !sampled).length;
  const some = all.filter(({ sampled }) => sampled).length;
  const none = all.filter(({ uncompared }) => uncompared).length;
  const large = `larger than ${bytes(settings.rehearsal.compareUpToGiB * GIB)}`;
  return [
    `every value of ${count(whole, 'table')}`,
    ...(some ? [`one row in ${SAMPLE} of ${count(some, 'table')} ${large}`] : []),
    ...(none ? [`${ONLY_COUNTED} ${count(none, 'table')} ${large} without a primary key`] : []),
  ].join(', ');
}

/** More columns than these nobody reads about. */
const MOST_COLUMNS = 10;
/** Longer than a person waits for an example. */
const MOST_ROWS = 5_000_000;

/** Columns whose values are others after going back, with how many rows and which, where that can be looked up. */
export async function lostValues(
  before: State,
  after: State,
  { copy, backup, target }: { copy: Copy; backup: string; target: Target },
  work: Work,
): Promise<LostValues[]> {
  const lost: LostValues[] = [];
  for (const changed of changedColumns(before.tables, after.tables).slice(0, MOST_COLUMNS)) {
    const { table, column } = changed;
    const of = before.tables[table]?.rows ?? 0;
    const rows =
      copy.server && changed.key.length && of <= MOST_ROWS
        ? await lookedUp(changed, copy.server, { backup, target }, work)
        : undefined;
    lost.push({ table, column, of, rows: rows?.rows ?? null, keys: rows?.keys ?? [] });
  }
  return lost;
}

/** That it cannot be looked up changes nothing: that values differ is known. */
async function lookedUp(
  changed: ChangedColumn,
  server: NonNullable<Copy['server']>,
  { backup, target }: { backup: string; target: Target },
  { signal, progress }: Work,
) {
  progress(`looking up which rows of ${changed.table} have another ${changed.column}`);
  const session = { applicationName: sessionName(target.name, 'look'), signal };
  try {
    const { restore: pgRestore } = await pgTools(server.tools, signal);
    return await changedRows({ url: server.url, path: backup, pgRestore, session }, changed);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** As the conclusion has it. */
export const sameOr = (differences: readonly string[]): 'same' | readonly string[] =>
  differences.length ? differences : 'same';

/** @returns null when all revisions can be taken back */
export function whyNoWayBack({ revisions }: Plan): string | null {
  const stuck = revisions.filter(({ downgrade }) => downgrade === 'missing' || downgrade === 'raises');
  const words = stuck.map(
    ({ revision, downgrade }) =>
      `the downgrade of ${revision} ${downgrade === 'missing' ? 'is missing' : 'raises an error'}`,
  );
  return words.length ? words.join('; ') : null;
}
