import type { BackupManifest } from '../../domain/backup.js';
import { patternOf } from '../../domain/pattern.js';
import type { Client } from '../postgres/client.js';
import { differencesFrom } from '../postgres/compare-contents.js';
import { collationChange, databaseLines, isDatabaseLine } from '../postgres/database-lines.js';
import { describeSchema } from '../postgres/description.js';
import { schemaDifferences } from '../postgres/description-words.js';
import { fingerprintHere } from '../postgres/fingerprint.js';
import { sequencesBehind } from '../postgres/sequences-behind.js';
import { contentHashes, hashDifferences } from './content-hash.js';
import { describe } from './describe.js';
import { type DescribeOptions, ofOneMoment } from './restore-compare.js';
import { largeObjectDifferences } from './large-objects.js';
import type { ReadSchema } from './schema-file.js';

/** How a restored copy compares with its backup, in words. */
export interface Verdict {
  /** It is not what was backed up; empty: it is. */
  differences: string[];
  /** What was seen besides, and does not speak against the backup. */
  notes: string[];
}

export interface VerifyOptions extends DescribeOptions {
  /** The description that lies beside the manifest. */
  described: ReadSchema;
  /** The schema as the state folder knows it, for backups that have no description. */
  schema?: readonly string[];
  /** Differences that the settings know, as patterns: `index old_ix*`. */
  known?: readonly string[];
  /** Names the database whose copy it is, and the copy. */
  databases: { live: string; copy: string };
}

/**
 * Compares a restored copy with its backup, all of one moment: rows of each table, values where they were
 * hashed, sequences, large objects and their contents, extensions, revisions, the schema object by object, and what
 * hangs on the database itself.
 *
 * @throws Problem `backup-blocked`, `schema-locked` (retried)
 */
export async function verifyCopy(
  client: Client,
  manifest: BackupManifest,
  options: VerifyOptions,
): Promise<Verdict> {
  const { signal, databases } = options;
  const seen = await ofOneMoment(client, async (snapshot) => {
    const found = await describe(client, snapshot, options);
    const { hashes, largeObjects, largeObjectHashes } = manifest.contents;
    const values = hashes ? hashDifferences(hashes, await contentHashes(client, snapshot, signal)) : [];
    if (largeObjectHashes && largeObjects === found.contents.largeObjects)
      values.push(...(await largeObjectDifferences(client, largeObjectHashes)));
    const schema = await schemaSeen(client, manifest, found.fingerprint, options);
    const behind = await sequencesBehind(client);
    return { found, values, schema, behind };
  });
  const counted = differencesFrom(manifest, seen.found);
  const values = seen.values.filter((words) => !counted.some((each) => sameTable(each, words)));
  const properties = await propertiesSeen(client, databases, options.described);
  return sorted([...counted, ...values, ...seen.schema, ...properties.differences], options.known ?? [], [
    ...seen.behind,
    ...properties.notes,
    ...('fault' in options.described
      ? [`its schema was compared by its hash only: ${options.described.fault}`]
      : []),
  ]);
}

/**
 * Compares the schema alone, of a database that a copy has become.
 *
 * @param lines - the description that lies beside the manifest
 * @param known - differences that the settings know, as patterns
 */
export async function schemaVerdict(
  client: Client,
  lines: readonly string[],
  known: readonly string[],
): Promise<Verdict> {
  await client.query('BEGIN READ ONLY');
  try {
    return sorted(schemaDifferences(withoutDatabase(lines), await describeSchema(client)), known, []);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

const withoutDatabase = (lines: readonly string[]): string[] => lines.filter((line) => !isDatabaseLine(line));

/** Of a table that has other rows it goes without saying that it has other values. */
const sameTable = (one: string, other: string): boolean => one.split(': ')[0] === other.split(': ')[0];

function sorted(all: readonly string[], known: readonly string[], notes: readonly string[]): Verdict {
  const patterns = known.map(patternOf);
  const isKnown = (words: string) => patterns.some((pattern) => pattern.test(words));
  return {
    differences: all.filter((words) => !isKnown(words)),
    notes: [...all.filter(isKnown).map((words) => `known: ${words}`), ...notes],
  };
}

/** The description says all that the fingerprint does; without it the hash says at least whether. */
async function schemaSeen(
  client: Client,
  manifest: BackupManifest,
  hash: string,
  { described, schema, ignore, versionTable }: VerifyOptions,
): Promise<string[]> {
  if ('lines' in described)
    return schemaDifferences(withoutDatabase(described.lines), await describeSchema(client));
  if (hash === manifest.fingerprint) return [];
  const options = { ...(ignore ? { ignore } : {}), ...(versionTable ? { versionTable } : {}) };
  const named = schema ? schemaDifferences(schema, (await fingerprintHere(client, options)).lines) : [];
  return named.length ? named : ['the schema is not that of the backup'];
}

/** A copy is given what the database has now: what that had when it was backed up may be something else. */
async function propertiesSeen(
  client: Client,
  { live, copy }: VerifyOptions['databases'],
  described: ReadSchema,
): Promise<Verdict> {
  const [now, given] = [await databaseLines(client, live), await databaseLines(client, copy)];
  const collation = await collationChange(client, live);
  const then = 'lines' in described ? described.lines.filter(isDatabaseLine) : now;
  return {
    differences: [
      ...now.filter((line) => !given.includes(line)).map((line) => `${line}: not so of the copy`),
      ...given.filter((line) => !now.includes(line)).map((line) => `${line}: only so of the copy`),
    ],
    notes: [
      ...(collation ? [collation] : []),
      ...then.filter((line) => !now.includes(line)).map((line) => `${line}: no longer so since the backup`),
      ...now.filter((line) => !then.includes(line)).map((line) => `${line}: so since the backup only`),
    ],
  };
}
