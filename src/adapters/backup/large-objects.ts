import type { Client } from '../postgres/client.js';

/** Of the contents of all large objects, one hash for each group of them: a manifest does not grow with their number. */
export type LargeObjectHashes = Readonly<Record<string, string>>;

/** Oids are given out one after the other: up to so many objects nearly each has a group to itself. */
const GROUPS = 4_096;
/** What is read at a time: an object may be larger than any value can be. */
const PIECE = 8 * 2 ** 20;
const FOR_READING = 0x4_0000;
const FROM_THE_END = 2;

/** Each object is opened for its size and closed again; the order of the columns is that in which both are done. */
const query = `
  SELECT (oid::int8 % ${GROUPS})::text AS "group", sum(hashtextextended(concat_ws(' ', oid::text, bytes, at,
      encode(sha256(lo_get(oid, at, ${PIECE})), 'hex')), 0)::numeric)::text AS hash
  FROM (
      SELECT oid, lo_lseek64(opened, 0, ${FROM_THE_END}) AS bytes, lo_close(opened) AS closed
      FROM (SELECT oid, lo_open(oid, ${FOR_READING}) AS opened FROM pg_largeobject_metadata OFFSET 0) o
      OFFSET 0) sizes, generate_series(0::int8, greatest(bytes - 1, 0), ${PIECE}) AS at
  GROUP BY 1 ORDER BY 1`;

/**
 * Hashes the contents of all large objects, in the caller's transaction: their size and SHA-256. They are read once,
 * by one session, within the server.
 */
export async function largeObjectHashes(client: Client): Promise<LargeObjectHashes> {
  const { rows } = await client.query<{ group: string; hash: string }>(query);
  return Object.fromEntries(rows.map(({ group, hash }) => [group, hash]));
}

/** As many as anybody reads. */
const NAMED = 20;

/**
 * Large objects of a copy whose contents are others than in its backup, in words, by their oids. Where several share a
 * group all of these are named: one of them it is.
 *
 * @param backup - of the manifest
 */
export async function largeObjectDifferences(client: Client, backup: LargeObjectHashes): Promise<string[]> {
  const copy = await largeObjectHashes(client);
  const differ = [...new Set([...Object.keys(backup), ...Object.keys(copy)])].filter(
    (group) => backup[group] !== copy[group],
  );
  if (!differ.length) return [];
  const { rows } = await client.query<{ oids: string[] }>(
    `SELECT array_agg(oid::text ORDER BY oid) AS oids FROM pg_largeobject_metadata
     WHERE (oid::int8 % ${GROUPS})::text = ANY ($1) GROUP BY oid::int8 % ${GROUPS} ORDER BY min(oid::int8)`,
    [differ],
  );
  const lost = differ.length - rows.length;
  return [
    ...rows
      .slice(0, NAMED)
      .map(({ oids }) => `large object ${someOf(oids)}: its contents are not those of the backup`),
    ...(rows.length > NAMED
      ? [`${rows.length - NAMED} more large objects, or groups of them, likewise`]
      : []),
    ...(lost ? [`large objects: the contents of at least ${lost} of the backup are not in the copy`] : []),
  ];
}

const someOf = (oids: readonly string[]): string =>
  oids.length > 5 ? `${oids.slice(0, 5).join(' or ')} or ${oids.length - 5} others` : oids.join(' or ');
