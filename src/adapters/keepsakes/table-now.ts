import { cannotKeep, doesNotGoBack } from '../../domain/problems/keepsakes.js';
import type { PlannedKeepsake } from '../../domain/keepsake.js';
import type { Client } from '../postgres/client.js';
import { pinWriting } from '../postgres/fingerprint.js';
import { inTransaction } from '../postgres/transaction.js';

/** A foreign key of the table that values go back into. */
export interface Reference {
  /** Columns as the catalog has them, and those that they refer to. */
  columns: readonly string[];
  to: string;
  others: readonly string[];
  ofItself: boolean;
}

/** The table as it is now, after the downgrade. */
export interface TableNow {
  /** All that can be written to, with their types as `format_type()` has them, in full. */
  columns: readonly { name: string; type: string; sequence: string | null }[];
  key: readonly { name: string; type: string }[];
  references: readonly Reference[];
  /** Its own triggers that fire, and how they are switched on again. */
  triggers: readonly { name: string; enable: string }[];
}

const query = `
  SELECT
    coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'sequence', pg_get_serial_sequence($1, a.attname)) ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), '[]') AS columns,
    coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
        ORDER BY array_position(k.conkey, a.attnum))
      FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
      WHERE k.conrelid = c.oid AND k.contype = 'p'), '[]') AS key,
    coalesce((SELECT json_agg(json_build_object(
        'columns', (SELECT json_agg(a.attname ORDER BY array_position(f.conkey, a.attnum)) FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum = ANY (f.conkey)),
        'to', (SELECT format('%I.%I', n.nspname, r.relname) FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
          WHERE r.oid = f.confrelid),
        'others', (SELECT json_agg(a.attname ORDER BY array_position(f.confkey, a.attnum)) FROM pg_attribute a
          WHERE a.attrelid = f.confrelid AND a.attnum = ANY (f.confkey)),
        'ofItself', f.confrelid = c.oid))
      FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'), '[]') AS references,
    coalesce((SELECT json_agg(json_build_object('name', quote_ident(t.tgname), 'enable',
        CASE t.tgenabled WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END))
      FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
        AND t.tgname !~ '^lockkeeper_keep_'), '[]') AS triggers
  FROM pg_class c WHERE c.oid = to_regclass($1)`;

/** @throws Problem `keepsake-moved` when it is not there, or not with the key and the columns of which values were kept */
export async function tableNow(client: Client, planned: PlannedKeepsake): Promise<TableNow> {
  const { rows } = await inTransaction(client, async () => {
    await pinWriting(client); // types in full, as they were when values were kept
    return client.query<TableNow>(query, [planned.table]);
  });
  const [table] = rows;
  const why = table ? whyOther(planned, table) : 'it is not there';
  if (!table || why !== undefined) throw doesNotGoBack(planned.table, why ?? '');
  return table;
}

/** In words what is not as it was when values were kept; undefined: nothing that matters to them. */
function whyOther(planned: PlannedKeepsake, now: TableNow): string | undefined {
  const [was, is] = [keyText(planned.key), keyText(now.key)];
  if (planned.how === 'copied' && was !== is) return `its primary key was ${was}, and is ${is}`;
  for (const { name, type } of planned.columns) {
    const found = now.columns.find((each) => each.name === name);
    if (!found) return `it has no column ${name} that could be written to`;
    if (found.type !== type) return `its column ${name} was of type ${type}, and is of type ${found.type}`;
  }
  return undefined;
}

const keyText = (key: readonly { name: string; type: string }[]): string =>
  key.length > 0 ? `(${key.map(({ name, type }) => `${name} ${type}`).join(', ')})` : 'none';

/** Switches its own triggers off for a transaction: what goes back was written by nobody. @returns how to switch them on */
export async function withoutTriggers(
  client: Client,
  table: string,
  { triggers }: TableNow,
): Promise<() => Promise<unknown>> {
  const say = (what: (trigger: TableNow['triggers'][number]) => string) =>
    triggers.length === 0
      ? Promise.resolve()
      : client.query(triggers.map((each) => `ALTER TABLE ${table} ${what(each)}`).join(';'));
  try {
    await say(({ name }) => `DISABLE TRIGGER ${name}`);
  } catch (error) {
    throw cannotKeep(table, (error as Error).message);
  }
  return () => say(({ name, enable }) => `${enable} TRIGGER ${name}`);
}
