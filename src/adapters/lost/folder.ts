import { createHash, randomBytes, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LostFile, LostIndex, LostRows, LostTable } from '../../domain/lost.js';
import { lostDamaged, lostMissing } from '../../domain/problems/lost.js';
import { syncPath } from '../disk.js';
import type { Sink } from './buckets.js';

const INDEX = 'lost.json';
const FLUSH = 256 * 1024;

/** One file of statements that is being written. */
class Lines {
  #file: FileHandle | undefined;
  #pending = '';
  #bytes = 0;
  #statements = 0;
  readonly #hash: Hash = createHash('sha256');

  constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {}

  async add(line: string): Promise<void> {
    this.#statements += 1;
    this.#pending += line;
    if (this.#pending.length >= FLUSH) await this.#flush();
  }

  async #flush(): Promise<void> {
    // 'wx': whoever put something there first does not get our rows.
    this.#file ??= await open(join(this.folder, this.name), 'wx', 0o600);
    const data = Buffer.from(this.#pending);
    this.#pending = '';
    this.#bytes += data.length;
    this.#hash.update(data);
    await this.#file.writeFile(data);
  }

  /** @returns undefined when there was no line: then there is no file */
  async end(): Promise<LostFile | undefined> {
    if (this.#pending) await this.#flush();
    await this.#file?.sync();
    await this.#file?.close();
    if (!this.#file) return undefined;
    const { name: file } = this;
    return { file, bytes: this.#bytes, sha256: this.#hash.digest('hex'), statements: this.#statements };
  }
}

/**
 * The folder that rows are written into: private, and under another name until it is whole. One of that name is
 * replaced.
 */
export class LostFolder {
  readonly #part: string;

  private constructor(private readonly path: string) {
    this.#part = `${path}.${randomBytes(4).toString('hex')}.part`;
  }

  static async begin(path: string): Promise<LostFolder> {
    const folder = new LostFolder(path);
    await mkdir(folder.#part, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** @param place - of the table in the order in which rows are put in */
  async table<T extends LostTable>(
    table: Omit<LostRows, keyof LostTable> & { name: string },
    place: { index: number; of: number },
    fill: (sink: Sink) => Promise<T>,
  ): Promise<LostRows> {
    const plain = table.name.replace(/[^\w.]+/g, '-').slice(0, 80);
    const number = (n: number) => String(n).padStart(4, '0');
    const deletes = new Lines(this.#part, `1-${number(place.of - place.index)}-delete-${plain}.sql`);
    const upserts = new Lines(this.#part, `2-${number(place.index + 1)}-insert-${plain}.sql`);
    try {
      const told = await fill({
        deletes: (line) => deletes.add(line),
        upserts: (line) => upserts.add(line),
      });
      const [gone, there] = [await deletes.end(), await upserts.end()];
      return { ...table, ...told, ...(gone ? { deletes: gone } : {}), ...(there ? { upserts: there } : {}) };
    } finally {
      await Promise.allSettled([deletes.end(), upserts.end()]);
    }
  }

  /** Gives it its name. @returns SHA-256 of the index */
  async publish(index: LostIndex): Promise<string> {
    const text = `${JSON.stringify(index, null, 2)}\n`;
    await this.#write('apply.sql', applyText(index));
    await this.#write('sequences.sql', sequencesText(index));
    await this.#write(INDEX, text);
    await syncPath(this.#part);
    const old = `${this.path}.${randomBytes(4).toString('hex')}.part`;
    await rename(this.path, old).catch(() => undefined);
    await rename(this.#part, this.path);
    await rm(old, { recursive: true, force: true });
    return createHash('sha256').update(text).digest('hex');
  }

  async #write(name: string, text: string): Promise<void> {
    const file = await open(join(this.#part, name), 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  discard = (): Promise<void> => rm(this.#part, { recursive: true, force: true });
}

/** For psql, where there is no Lockkeeper: all or nothing, and without its look at what has changed since. */
const applyText = ({ tables, comparedWith, at, database }: LostIndex): string =>
  [
    `-- What ${database.name} held at ${at} and ${comparedWith} did not.`,
    '-- Better: lockkeeper restore apply. By hand: psql -X -v ON_ERROR_STOP=1 -f apply.sql',
    'BEGIN;',
    ...SETTINGS.map((each) => `SET LOCAL ${each};`),
    'SET CONSTRAINTS ALL DEFERRED;',
    ...tables.toReversed().flatMap(({ deletes }) => (deletes ? [`\\ir ${deletes.file}`] : [])),
    ...tables.flatMap(({ upserts }) => (upserts ? [`\\ir ${upserts.file}`] : [])),
    '\\ir sequences.sql',
    'COMMIT;',
    '',
  ].join('\n');

/** As rows were made text with: another would read another value, or find another hash. */
export const SETTINGS: readonly string[] = [
  "datestyle = 'ISO, MDY'",
  "intervalstyle = 'postgres'",
  'extra_float_digits = 1',
  "bytea_output = 'hex'",
  "timezone = 'UTC'",
  'standard_conforming_strings = on',
  "xmloption = 'content'",
];

const sequencesText = ({ sequences }: LostIndex): string =>
  Object.entries(sequences)
    .map(
      ([name, value]) =>
        `SELECT setval('${name.replaceAll("'", "''")}', greatest(${value}, last_value)) FROM ${name};\n`,
    )
    .join('');

/**
 * Reads an index, and hashes each file anew.
 *
 * @throws Problem `lost-missing`, `lost-damaged`
 */
export async function readLost(path: string, sha256?: string): Promise<LostIndex> {
  const text = await readFile(join(path, INDEX), 'utf8').catch((error: Error) => {
    throw lostMissing(path, error.message);
  });
  if (sha256 && createHash('sha256').update(text).digest('hex') !== sha256) throw lostDamaged(path, INDEX);
  const index = JSON.parse(text) as LostIndex;
  for (const { deletes, upserts } of index.tables)
    for (const file of [deletes, upserts])
      if (file && (await hashOfFile(join(path, file.file))) !== file.sha256)
        throw lostDamaged(path, file.file);
  return index;
}

async function hashOfFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  const hash = createHash('sha256');
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
