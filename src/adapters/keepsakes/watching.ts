import { KEEPSAKES, type PlannedKeepsake } from '../../domain/keepsake.js';
import { identifier } from '../../domain/sql-name.js';
import { keyColumns, keyNames } from './columns.js';
import type { KeptNames } from './names.js';

const HEAD = 'RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS';

const keysOf = (planned: PlannedKeepsake, row: string): string =>
  planned.key.map(({ name }) => `${row}.${identifier(name)}`).join(', ');

/**
 * While the site is open: writes down the key of each row that changes, to be copied once more. Rows of a table that is
 * emptied are gone from the copy, too.
 */
export const capturing = (names: KeptNames, planned: PlannedKeepsake): string => {
  const key = keyNames(planned, 'k');
  const logged = (row: string) =>
    `INSERT INTO ${names.log} (op, ${key}) VALUES ('c', ${keysOf(planned, row)});`;
  return `
  CREATE OR REPLACE FUNCTION ${names.watch}() ${HEAD} $keep$
  BEGIN
    IF TG_OP = 'TRUNCATE' THEN TRUNCATE ${names.bulk}; RETURN NULL; END IF;
    IF TG_OP <> 'INSERT' THEN ${logged('OLD')} END IF;
    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND (${keysOf(planned, 'OLD')}) IS DISTINCT FROM (${keysOf(planned, 'NEW')})
    THEN ${logged('NEW')} END IF;
    RETURN NULL;
  END $keep$`;
};

/** How a row's key and what was written to are read: fast, by its columns, or by its JSON, whatever became of them. */
function readRows(planned: PlannedKeepsake, fast: boolean): string {
  const value = (row: string, name: string) =>
    fast ? `${row}.${identifier(name)}` : `to_jsonb(${row}) ->> '${name.replaceAll("'", "''")}'`;
  const key = (row: string, into: string) =>
    planned.key.map(({ name }, at) => `${into}${at} := ${value(row, name)};`).join(' ');
  const text = (row: string, name: string) => (fast ? `${value(row, name)}::text` : value(row, name));
  const written = planned.columns
    .filter(({ goes }) => goes === 'changed')
    .map(
      ({ name }, at) =>
        `IF ${text('OLD', name)} IS DISTINCT FROM ${text('NEW', name)} THEN w := w || ${at}; END IF;`,
    );
  return `
      IF TG_OP = 'INSERT' THEN ${key('NEW', 'o')} ELSE ${key('OLD', 'o')} END IF;
      IF TG_OP = 'UPDATE' THEN w := '{}'; ${key('NEW', 'n')} ${written.join(' ')} END IF;`;
}

/**
 * From the change of the schema on: writes down which rows are gone, or new under their key (`d`), have another key
 * (`m`), or were written to in a column whose values the change made others (`w`). What our own sessions do is none of
 * that. It must never make a statement of the application fail: where a later migration took its columns, the list
 * says so.
 */
export const following = (id: string, names: KeptNames, planned: PlannedKeepsake): string => {
  const [k, n] = [keyNames(planned, 'k'), keyNames(planned, 'n')];
  const [was, is] = [keyNames(planned, 'o'), n];
  const log = (columns: string, values: string) => `INSERT INTO ${names.log} (op, ${columns}) ${values}`;
  return `
  CREATE OR REPLACE FUNCTION ${names.watch}() ${HEAD} $keep$
  DECLARE ${keyColumns(planned, 'o', ';')}; ${keyColumns(planned, 'n', ';')}; w int[] := '{}'; wrong text;
  BEGIN
    IF current_setting('application_name') LIKE 'lockkeeper:%' THEN RETURN NULL; END IF;
    IF TG_OP = 'TRUNCATE' THEN TRUNCATE ${names.bulk}, ${names.late}; RETURN NULL; END IF;
    BEGIN ${readRows(planned, true)}
    EXCEPTION WHEN OTHERS THEN -- this session's plans are older than the column's new type
      wrong := left(SQLERRM, 300);
      BEGIN ${readRows(planned, false)}
      EXCEPTION WHEN OTHERS THEN o0 := NULL;
      END;
    END;
    IF o0 IS NULL THEN
      UPDATE ${KEEPSAKES}.keepsake SET broken = coalesce(wrong, 'its key is gone')
        WHERE keepsake.id = '${id}' AND broken IS NULL;
      RETURN NULL;
    END IF;
    IF TG_OP <> 'UPDATE' THEN ${log(k, `VALUES ('d', ${was})`)}; RETURN NULL; END IF;
    IF (${was}) IS DISTINCT FROM (${is}) THEN ${log(`${k}, ${n}`, `VALUES ('m', ${was}, ${is})`)}; END IF;
    IF w <> '{}' THEN ${log(`col, ${k}`, `SELECT 'w', c, ${is} FROM unnest(w) c`)}; END IF;
    RETURN NULL;
  END $keep$`;
};

/** One trigger for rows, one for the table as a whole; they are no part of the schema's fingerprint. */
export const triggers = (names: KeptNames, planned: PlannedKeepsake, inserts: boolean): string => `
  CREATE TRIGGER ${names.trigger} AFTER ${inserts ? 'INSERT OR ' : ''}UPDATE OR DELETE ON ${planned.table}
    FOR EACH ROW EXECUTE PROCEDURE ${names.watch}();
  CREATE TRIGGER ${names.truncate} AFTER TRUNCATE ON ${planned.table}
    FOR EACH STATEMENT EXECUTE PROCEDURE ${names.watch}()`;

export const noTriggers = (names: KeptNames, table: string): string => `
  DROP TRIGGER IF EXISTS ${names.trigger} ON ${table};
  DROP TRIGGER IF EXISTS ${names.truncate} ON ${table}`;
