import { KEEPSAKES, runWord, type Keepsake } from '../../domain/keepsake.js';
import { identifier, localOf } from '../../domain/sql-name.js';

/** Names in PostgreSQL have at most 63 bytes, and ours have endings. */
const MOST_CHARS = 34;

/** What belongs to one keepsake, as SQL. Its id comes first, so that all of it is found together. */
export interface KeptNames {
  /** The bulk, copied while the site was open: holds for rows that the log does not name. */
  bulk: string;
  /** What takes its place when all of it has been copied at once. */
  fresh: string;
  /** Rows that changed meanwhile, as they were when the site was closed. */
  late: string;
  /** Keys of rows that changed, and since the change of the schema those that are gone or written to. */
  log: string;
  /** The same, one row a key; made when it goes back. */
  touched: string;
  /** Function of its triggers, and their names. */
  watch: string;
  trigger: string;
  truncate: string;
}

/** @param id - of the keepsake @param table - as SQL has it */
export function namesOf(id: string, table: string): KeptNames {
  const local = localOf(table).replace(/^"|"$/g, '').replaceAll('""', '"').slice(0, MOST_CHARS);
  const named = (ending: string) => `${KEEPSAKES}.${identifier(`${id}_${local}${ending}`)}`;
  return {
    bulk: named(''),
    fresh: named('_fresh'),
    late: named('_late'),
    log: named('_log'),
    touched: named('_touched'),
    watch: named('_watch'),
    trigger: `lockkeeper_keep_${id}`,
    truncate: `lockkeeper_keep_${id}_all`,
  };
}

/** Of a table that was moved: as the plan calls it, with the word of its run. */
const movedTo = (statements: readonly string[], word: string): string => {
  const last = / SET SCHEMA /.test(statements.at(-1) ?? '') ? statements.at(-1)! : '';
  const name = /^ALTER TABLE (.+) SET SCHEMA/.exec(last)?.[1] ?? '';
  return `${KEEPSAKES}.${localOf(name).replaceAll('{run}', word)}`;
};

/** Where the table lies that was moved. */
export const movedTable = ({ planned, runId }: Pick<Keepsake, 'planned' | 'runId'>): string =>
  movedTo(planned.instead?.statements ?? [], runWord(runId));
