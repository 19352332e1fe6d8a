import type { Client } from '../postgres/client.js';
import { type ForeignKey, referencesOf } from './references.js';

/** What is other than usual while rows are put back, and how to make it usual again. */
export interface Frame {
  references: readonly ForeignKey[];
  /** Checks the foreign keys, and puts triggers and keys back as they were. */
  end(): Promise<void>;
}

interface Trigger {
  table: string;
  name: string;
  /** `O` enabled, `A` always. */
  enabled: string;
}

const triggersQuery = `
  SELECT format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(g.tgname) AS name, g.tgenabled AS enabled
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT g.tgisinternal AND NOT c.relispartition AND g.tgenabled IN ('O', 'A')
    AND format('%I.%I', n.nspname, c.relname) = ANY ($1)
  ORDER BY g.oid`;

/**
 * Keeps the application's triggers from writing a second time what they wrote when the rows were new, and lets
 * foreign keys be checked at the end: rows may refer to each other in a circle. All within the transaction.
 */
export async function frame(client: Client, tables: readonly string[]): Promise<Frame> {
  const references = await referencesOf(client);
  const touched = new Set(tables);
  const strict = references.filter(
    ({ child, parent, deferrable }) => !deferrable && (touched.has(child) || touched.has(parent)),
  );
  const { rows: triggers } = await client.query<Trigger>(triggersQuery, [tables]);
  await run(client, [
    ...triggers.map(({ table, name }) => `ALTER TABLE ${table} DISABLE TRIGGER ${name}`),
    ...strict.map(({ child, name }) => `ALTER TABLE ${child} ALTER CONSTRAINT ${name} DEFERRABLE`),
    'SET CONSTRAINTS ALL DEFERRED',
  ]);
  return {
    references,
    end: () =>
      run(client, [
        'SET CONSTRAINTS ALL IMMEDIATE',
        ...strict.map(({ child, name }) => `ALTER TABLE ${child} ALTER CONSTRAINT ${name} NOT DEFERRABLE`),
        ...triggers.map(
          ({ table, name, enabled }) =>
            `ALTER TABLE ${table} ENABLE ${enabled === 'A' ? 'ALWAYS ' : ''}TRIGGER ${name}`,
        ),
      ]),
  };
}

const run = async (client: Client, statements: readonly string[]): Promise<void> => {
  if (statements.length) await client.query(statements.join(';\n'));
};

const uniqueQuery = `
  SELECT count(*)::int AS n FROM pg_index WHERE indrelid = $1::regclass AND (indisunique OR indisexclusion)`;

/**
 * Whether a changed row may be taken out and put in anew: two rows may have swapped a value that must be unique,
 * which no order of updates can do. Not where taking it out would take others with it.
 */
export async function mayReplace(
  client: Client,
  table: string,
  references: readonly ForeignKey[],
): Promise<boolean> {
  if (references.some(({ parent, lazy }) => parent === table && !lazy)) return false;
  const { rows } = await client.query<{ n: number }>(uniqueQuery, [table]);
  return (rows[0]?.n ?? 0) > 1;
}
