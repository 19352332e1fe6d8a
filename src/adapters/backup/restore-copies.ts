import { createHash, randomBytes } from 'node:crypto';
import { connectionOf } from '../postgres/connection.js';
import type { Client, ClientOptions } from '../postgres/client.js';
import { type Database, databases, dropDatabase, onServer, sizeOf } from '../postgres/databases.js';

/** Long enough that no two runs on one server meet. */
const RUN = 12;
const shape = /^lk_copy_(\d+)_[0-9a-f]{12}_[0-9a-f]{6}$/;

/** Whether a database has been made as a copy; what a swap has put aside has another name. */
export const isCopyName = (name: string): boolean => shape.test(name);

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
  (await databases(server)).filter(({ name }) => isCopyName(name) && name.startsWith(runPrefix(oid, run)));

/** A database that Lockkeeper made or put aside. */
export interface Aside {
  name: string;
  /** Names the run; null where a killed attempt did not come to write it down. */
  run: string | null;
  bytes: number;
  /** When it was put aside: ISO 8601, UTC. */
  at?: string;
  /** What it is: one that was replaced, or a point to look into. */
  is?: 'kept' | 'point';
}

/**
 * Drops all copies of a database that runs have left behind, with the sessions that use them. For when no step of
 * its target is at work. Databases that were put aside by a swap stay, and so do copies that were made to be kept:
 * `putAside` lists them.
 *
 * @param isOurs - whether a run, by the name that it gave itself, belongs to whoever sweeps
 * @returns those that were dropped
 */
export async function sweepScratch(
  url: string,
  options: ClientOptions,
  isOurs: (run: string) => boolean = () => true,
): Promise<Aside[]> {
  const live = connectionOf(url).database;
  return onServer(url, options, async (server) => {
    const all = await databases(server);
    const oid = all.find(({ name }) => name === live)?.oid;
    // A killed attempt may not have come to mark it: then the name tells whose it is.
    const left = all.filter(
      ({ name, marker }) =>
        isCopyName(name) &&
        marker?.state !== 'kept' &&
        (marker ? marker.of === live && isOurs(marker.run) : Number(shape.exec(name)?.[1]) === oid),
    );
    const dropped: Aside[] = [];
    for (const each of left) {
      dropped.push(await asideOf(server, each));
      await dropDatabase(server, each.name);
    }
    return dropped;
  });
}

/**
 * What swaps have put aside: each was the live database once, or took its place for a while. And what was restored
 * beside for people to look into.
 */
export async function putAside(
  url: string,
  options: ClientOptions,
  isOurs: (run: string) => boolean,
): Promise<Aside[]> {
  const live = connectionOf(url).database;
  return onServer(url, options, async (server) => {
    const kept = (await databases(server)).filter(
      ({ marker }) =>
        (marker?.state === 'kept' || marker?.state === 'point') && marker.of === live && isOurs(marker.run),
    );
    const all: Aside[] = [];
    for (const each of kept) all.push(await asideOf(server, each));
    return all;
  });
}

async function asideOf(server: Client, { marker, ...database }: Database): Promise<Aside> {
  const bytes = await sizeOf(server, database);
  const { at, state } = marker ?? {};
  const is = state === 'kept' || state === 'point' ? { is: state } : {};
  return { name: database.name, run: marker?.run ?? null, bytes, ...(at ? { at } : {}), ...is };
}
