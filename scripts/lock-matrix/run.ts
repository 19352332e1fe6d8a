import pg from 'pg';
import { readCatalog } from '../../src/adapters/postgres/catalog.js';
import type { Schema } from '../../src/schema/model.js';
import { runsAlone, type Case } from './case.js';
import { fixture } from './fixture.js';
import { measure, type Measured } from './measure.js';
import { outcomeOf, predict } from './predict.js';
import type { Server } from './servers.js';

export interface Outcome {
  id: string;
  measured: Measured;
  /** By the model, from the catalog of that very database. */
  predicted: string;
}

/** @returns what each case did that this major knows, in the order of the cases */
export async function measureAll(server: Server, cases: readonly Case[]): Promise<Outcome[]> {
  const admin = new pg.Client(server.url('postgres'));
  await admin.connect();
  try {
    await makeTemplate(server, admin);
    await admin.query('create database shared template fixture');
    const outcomes: Outcome[] = [];
    const shared = new Map<string, Schema>();
    for (const one of cases.filter(({ from, until }) => from <= server.major && server.major <= until))
      outcomes.push(await measureOne(server, admin, one, shared));
    return outcomes;
  } finally {
    await admin.end();
  }
}

async function makeTemplate(server: Server, admin: pg.Client): Promise<void> {
  await admin.query('create database fixture');
  await admin.query(`create tablespace fast location '${server.tablespace}'`);
  const client = new pg.Client(server.url('fixture'));
  await client.connect();
  await client.query(fixture(server.major));
  await client.end();
}

/** Where nothing is committed, one database serves all, and its catalog is read once. */
async function measureOne(
  server: Server,
  admin: pg.Client,
  one: Case,
  shared: Map<string, Schema>,
): Promise<Outcome> {
  if (!one.setup && !runsAlone(one.sql)) return judge(server, 'shared', one, shared);
  await admin.query('create database fresh template fixture');
  try {
    return await judge(server, 'fresh', one, new Map());
  } finally {
    await admin.query('drop database fresh');
    await admin.query('drop role if exists someone');
  }
}

async function judge(
  server: Server,
  database: string,
  one: Case,
  schemas: Map<string, Schema>,
): Promise<Outcome> {
  let predicted = '';
  const look = async (client: pg.Client) => {
    const schema = schemas.get(database) ?? (await readCatalog(client));
    schemas.set(database, schema);
    predicted = outcomeOf(one, await predict(one, schema, server.major));
  };
  const measured = await measure(server.url(database), one, look);
  return { id: one.id, measured, predicted };
}
