import { createHash, randomBytes } from 'node:crypto';
import { connectionOf } from '../postgres/connection.js';
import type { Client, ClientOptions } from '../postgres/client.js';
import { type Database, databases, dropDatabase, onServer } from '../postgres/databases.js';
import { finishSwap } from '../postgres/swap.js';

/** Long enough that no two runs on one server meet. */
const RUN = 12;
const shape = /^lk_copy_(\d+)_[0-9a-f]{12}_[0-9a-f]{6}$/;

/** What the names of all copies of one run begin with. */
const runPrefix = (oid: number, run: string): string =>
  `lk_copy_${oid}_${createHash('sha256').update(run).digest('hex').slice(0, RUN)}_`;

/**
 * A name for a new copy, of another database by its oid. Never one that was used before: what an earlier
 * attempt may have left running looks for its own.
 */
export const copyName = (oid: number, run: string): string =>
  runPrefix(oid, run) + randomBytes(3).toString('hex');

/** @returns copies that earlier attempts of this run have made, marked or not yet */
export const copiesOfRun = async (server: Client, oid: number, run: string): Promise<Database[]> =>
  (await databases(server)).filter(({ name }) => shape.test(name) && name.startsWith(runPrefix(oid, run)));

/**
 * Drops all copies of a database that runs have left behind, and opens it if a swap was killed. Kept databases
 * stay. For when no step of its target is at work.
 *
 * @returns the names of those dropped
 */
export async function sweepScratch(url: string, options: ClientOptions): Promise<string[]> {
  await finishSwap(url, options);
  const live = connectionOf(url).database;
  return onServer(url, options, async (server) => {
    const all = await databases(server);
    const oid = all.find(({ name }) => name === live)?.oid;
    // A killed attempt may not have come to mark it: then the name tells whose it is.
    const isOurs = ({ name, marker }: Database) =>
      marker ? marker.of === live : Number(shape.exec(name)?.[1]) === oid;
    const left = all.filter((each) => shape.test(each.name) && isOurs(each)).map(({ name }) => name);
    for (const name of left) await dropDatabase(server, name);
    return left;
  });
}
