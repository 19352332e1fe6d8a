import { withClient, type Client } from '../adapters/postgres/client.js';
import {
  majorVersion,
  namesTaken,
  quotedNames,
  readDefinition,
  typeNamed,
} from '../adapters/postgres/definitions.js';
import { whyNotPlanned } from '../adapters/postgres/planned.js';
import { expressionRefused, noSuchType } from '../domain/problems/phases.js';
import { inCatalog } from '../domain/sql-name.js';
import type { Expression } from '../phases/expressions.js';
import type { Facts, TableFacts } from '../phases/facts.js';
import type { Wanted } from '../phases/wanted.js';
import type { Target } from './home.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** What a change is written from, and what is wanted in PostgreSQL's own names of types. */
export interface Asked {
  facts: Facts;
  wanted: Wanted;
}

/**
 * Reads the tables that a change names, and those that refer to the first of them.
 *
 * @throws Problem `no-such-type`, and those of withClient
 */
export const askDatabase = (target: Target, wanted: Wanted, { signal }: Work): Promise<Asked> =>
  withClient(
    target.url(),
    { applicationName: sessionName(target.name, 'look'), ...(signal ? { signal } : {}) },
    async (client) => {
      const tables = new Map<string, TableFacts>();
      const own = await take(client, tables, wanted.table);
      if (wanted.toTable) await take(client, tables, wanted.toTable);
      for (const { table } of own?.referencedBy ?? []) await take(client, tables, table);
      const facts = {
        postgres: await majorVersion(client),
        taken: new Set(await namesTaken(client)),
        tables,
      };
      return { facts, wanted: await typed(client, await quoted(client, wanted)) };
    },
  );

/**
 * Has PostgreSQL plan what people wrote.
 *
 * @throws Problem `expression-refused`, and those of withClient
 */
export async function assertExpressions(
  target: Target,
  expressions: readonly Expression[],
  { signal }: Work,
): Promise<void> {
  if (expressions.length === 0) return;
  const options = { applicationName: sessionName(target.name, 'look'), ...(signal ? { signal } : {}) };
  await withClient(target.url(), options, async (client) => {
    for (const { given, query } of expressions) {
      const why = await whyNotPlanned(client, query);
      if (why !== undefined) throw expressionRefused(given, why);
    }
  });
}

/** Kept under the name that was asked for and under the one that PostgreSQL gives. */
async function take(
  client: Client,
  tables: Map<string, TableFacts>,
  name: string,
): Promise<TableFacts | undefined> {
  const table = (await readDefinition(client, name)) as TableFacts | undefined;
  if (!table) return undefined;
  tables.set(name, table);
  tables.set(table.name, table);
  return table;
}

/** Only PostgreSQL knows which words it reserves. */
async function quoted(client: Client, wanted: Wanted): Promise<Wanted> {
  const { columns, by, to, name, into, set, back } = wanted;
  const all = [...columns, ...by, to ?? '', name ?? '', ...[into, set, back].flatMap(Object.keys)];
  const words = await quotedNames(client, all.map(inCatalog));
  const one = (word: string) => words.get(inCatalog(word)) ?? word;
  const keys = (pairs: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(pairs).map(([column, value]) => [one(column), value]));
  return {
    ...wanted,
    ...{ columns: columns.map(one), by: by.map(one), into: keys(into), set: keys(set), back: keys(back) },
    ...{ to: to && one(to), name: name && one(name) },
  };
}

async function typed(client: Client, wanted: Wanted): Promise<Wanted> {
  const one = async (type: string) => {
    const named = await typeNamed(client, type);
    if (named === null) throw noSuchType(type);
    // What stands in brackets is not told.
    return type.includes('(') ? type : named;
  };
  const into: Record<string, string> = {};
  for (const [name, type] of Object.entries(wanted.into)) into[name] = await one(type);
  return { ...wanted, into, ...(wanted.type ? { type: await one(wanted.type) } : {}) };
}
