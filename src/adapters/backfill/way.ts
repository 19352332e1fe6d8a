import type { BackfillDefinition } from '../../domain/backfill/definition.js';
import { functionNeedsProject } from '../../domain/problems/backfill-function.js';
import type { AlembicProject } from '../alembic/project.js';
import type { Client } from '../postgres/client.js';
import { doRows, type Batch, type Range } from './batch.js';
import { doOneBy, doRowsBy } from './by-function.js';
import { functionSql } from './function-sql.js';
import type { Journal } from './journal.js';
import { RowFunction } from './row-function.js';
import type { BackfillSql } from './sql.js';
import type { KeyedTable } from './table.js';

/** How the values of rows come about: by an expression of SQL, or by a function of the user. */
export interface Way {
  /** One batch of the phase `rows`. */
  rows(journal: Journal, ahead: Range | number): Promise<Batch>;
  /** One row, in the caller's transaction. @returns rows that it changed */
  one(key: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export interface WayOptions {
  client: Client;
  table: KeyedTable;
  sql: BackfillSql;
  definition: BackfillDefinition;
  /** Whose function it is. */
  project: AlembicProject | undefined;
  longestMs: number;
  signal: AbortSignal;
}

/** @throws Problem `backfill-needs-project` */
export function wayOf(options: WayOptions): Way {
  const { client, sql, definition, table } = options;
  const { python } = definition;
  if (!python)
    return {
      rows: (journal, ahead) => doRows(client, sql, journal, ahead),
      one: async (key) => (await client.query(sql.updateOne, [...key])).rowCount ?? 0,
      close: () => Promise.resolve(),
    };
  const call = rowFunction(options, python);
  const by = { client, sql, texts: functionSql(client, table, { ...definition, python }), call };
  return {
    rows: (journal, ahead) => doRowsBy(by, journal, ahead),
    one: (key) => doOneBy(by, key),
    close: () => call.close(),
  };
}

function rowFunction(
  { client, table, definition, project, longestMs, signal }: Omit<WayOptions, 'sql'>,
  python: NonNullable<BackfillDefinition['python']>,
): RowFunction {
  if (!project) throw functionNeedsProject(python.function);
  const { shape } = functionSql(client, table, { ...definition, python });
  return new RowFunction(project, python, shape, { longestMs, signal });
}

/**
 * Looks whether the function can be loaded, where there is one.
 *
 * @throws Problem `backfill-no-function`, `backfill-needs-project`, and those of a project whose Python does not start
 */
export async function assertLoads(options: Omit<WayOptions, 'sql' | 'longestMs'>): Promise<void> {
  const { python } = options.definition;
  if (!python) return;
  const call = rowFunction({ ...options, longestMs: 0 }, python);
  try {
    await call.load();
  } finally {
    await call.close();
  }
}
