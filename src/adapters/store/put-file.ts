import { createReadStream } from 'node:fs';
import type { CopiedFile } from '../../domain/copies.js';
import { copiedWhatIsDamaged, escrowDiffers, storeLies } from '../../domain/problems/store.js';
import { Problem } from '../../domain/problem.js';
import type { FileOfBackup } from '../backup/backup-files.js';
import { encrypted } from './age.js';
import type { Escrow } from './escrow.js';
import { digestOf, Hashing, type Digest, type Store } from './store.js';

type Bytes = AsyncIterable<Uint8Array>;

export interface PutOptions {
  /** Public keys; none: it is not encrypted. */
  recipients: readonly string[];
  /** Decrypts all of what is read back. */
  escrow?: Escrow;
  readBack: 'all' | 'ends';
  signal: AbortSignal;
  /** Told bytes that were sent, and how many were read back. */
  onSent: (bytes: number) => void;
  onReadBack: (bytes: number) => void;
}

const CHUNK = 2 ** 20;

/**
 * Puts one file of a backup into a store, and reads it back. It is hashed on its way: what is not what was backed up
 * never gets its name.
 *
 * @throws Problem `backup-damaged`, `store-lies`, `escrow-differs`; those of the store
 */
export async function putFile(
  store: Store,
  key: string,
  file: FileOfBackup,
  options: PutOptions,
): Promise<CopiedFile> {
  const { recipients, signal, onSent } = options;
  const ends = new Ends();
  let damage: Problem | undefined;
  const source = asBackedUp(file, signal, (problem) => (damage = problem));
  const body = recipients.length ? await encrypted(source, recipients) : source;
  const sent = await store
    .put(key, ends.through(body), file.bytes, { signal, onBytes: onSent })
    .catch((error: unknown) => {
      throw damage ?? error;
    });
  await readBack(store, key, { file, sent, ends }, options);
  const { path, bytes, sha256 } = file;
  return { path, key, bytes, sha256, storedBytes: sent.bytes, storedSha256: sent.sha256 };
}

async function* asBackedUp(
  { full, bytes, sha256 }: FileOfBackup,
  signal: AbortSignal,
  onDamage: (problem: Problem) => void,
): Bytes {
  const hashing = new Hashing();
  const damaged = (why: string) => {
    const problem = copiedWhatIsDamaged(full, why);
    onDamage(problem);
    return problem;
  };
  try {
    yield* hashing.through(createReadStream(full, { signal, highWaterMark: CHUNK }));
  } catch (error) {
    signal.throwIfAborted();
    throw damaged((error as Error).message);
  }
  const found = hashing.digest();
  if (found.bytes !== bytes) throw damaged(`it has ${found.bytes} bytes, and had ${bytes}`);
  if (found.sha256 !== sha256)
    throw damaged(`its SHA-256 is ${found.sha256.slice(0, 12)}…, and was ${sha256.slice(0, 12)}…`);
}

interface Sent {
  file: FileOfBackup;
  sent: Digest;
  ends: Ends;
}

async function readBack(store: Store, key: string, put: Sent, options: PutOptions): Promise<void> {
  const { escrow, signal, onReadBack } = options;
  const { file, sent, ends } = put;
  await assertSize(store, key, sent.bytes, signal);
  if (options.readBack === 'ends' && !escrow) return assertEnds(store, key, ends, sent.bytes, signal);
  const hashing = new Hashing();
  const body = hashing.through(wholeOf(store, key, sent.bytes, signal), onReadBack);
  if (!escrow) await digestOf(body);
  else if (!(await decryptsTo(escrow, body, file.sha256, signal))) {
    // Whose fault it is: the store's, or that of the key.
    await assertStored(store, key, sent, signal);
    throw escrowDiffers(store.where, key);
  }
  if (hashing.digest().sha256 !== sent.sha256)
    throw storeLies(store.where, key, 'its bytes are others than were sent');
}

async function decryptsTo(escrow: Escrow, body: Bytes, sha256: string, signal: AbortSignal) {
  try {
    return (await digestOf(await escrow.decrypt(body, signal))).sha256 === sha256;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem) throw error;
    return false;
  }
}

/**
 * Reads all of a file back.
 *
 * @throws Problem `store-lies`; those of the store
 */
export async function assertStored(
  store: Store,
  key: string,
  sent: Digest,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  await assertSize(store, key, sent.bytes, signal);
  const found = await digestOf(wholeOf(store, key, sent.bytes, signal), onBytes);
  if (found.sha256 !== sent.sha256) throw storeLies(store.where, key, 'its bytes are others than were sent');
}

export async function assertSize(
  store: Store,
  key: string,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const found = await store.head(key, signal);
  if (!found) throw storeLies(store.where, key, 'it is not there');
  if (found.bytes !== bytes)
    throw storeLies(store.where, key, `it has ${found.bytes} bytes there, and ${bytes} were sent`);
}

const RANGE = 16 * 2 ** 20;

/** All of it, in ranges: a connection of hours would be cut off somewhere. */
export async function* wholeOf(store: Store, key: string, bytes: number, signal: AbortSignal): Bytes {
  for (let start = 0; start < bytes; start += RANGE)
    yield* await store.read(key, signal, { start, end: Math.min(start + RANGE, bytes) - 1 });
}

async function assertEnds(store: Store, key: string, ends: Ends, bytes: number, signal: AbortSignal) {
  for (const { start, sha256 } of ends.digests(bytes)) {
    const range = { start, end: Math.min(start + CHUNK, bytes) - 1 };
    const found = await digestOf(await store.read(key, signal, range));
    if (found.sha256 !== sha256) throw storeLies(store.where, key, 'its bytes are others than were sent');
  }
}

/** Keeps the first and last MiB of what passes. */
class Ends {
  #first = Buffer.alloc(0);
  #last = Buffer.alloc(0);

  async *through(body: Bytes): Bytes {
    for await (const chunk of body) {
      if (this.#first.length < CHUNK) this.#first = Buffer.concat([this.#first, chunk]).subarray(0, CHUNK);
      this.#last = Buffer.concat([this.#last, chunk]).subarray(-CHUNK);
      yield chunk;
    }
  }

  digests(bytes: number): { start: number; sha256: string }[] {
    const of = (part: Buffer, start: number) => {
      const hashing = new Hashing();
      hashing.add(part);
      return { start, sha256: hashing.digest().sha256 };
    };
    if (bytes === 0) return [];
    return [of(this.#first, 0), of(this.#last, bytes - this.#last.length)];
  }
}
