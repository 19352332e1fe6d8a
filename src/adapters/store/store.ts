import { createHash } from 'node:crypto';

/** What lies in a store, as it says. */
export interface Stored {
  key: string;
  bytes: number;
}

/** A size and a hash, hexadecimal. */
export interface Digest {
  bytes: number;
  sha256: string;
}

export interface Watch {
  signal: AbortSignal;
  /** Told how many bytes have moved. */
  onBytes: (bytes: number) => void;
}

/**
 * A place for copies. Keys are names with `/`. Nothing is ever written over, and nothing has its name before it is
 * whole.
 *
 * All throw Problem `store-unreachable` (retried), `store-refuses`.
 */
export interface Store {
  /** As the settings call it. */
  readonly name: string;
  /** For people; without credentials. */
  readonly where: string;
  /**
   * Writes what `body` gives, unless there is something of that name. When `body` throws nothing is there.
   *
   * @param sizeHint - bytes that are expected, about
   * @throws Problem `store-key-taken`; what `body` throws
   */
  put(key: string, body: AsyncIterable<Uint8Array>, sizeHint: number, watch: Watch): Promise<Digest>;
  /** @returns undefined when there is none */
  head(key: string, signal: AbortSignal): Promise<Stored | undefined>;
  /** All of it, or the bytes from `start` to `end`, both included. Throws Problem `store-lies` when it is not there. */
  read(
    key: string,
    signal: AbortSignal,
    range?: { start: number; end: number },
  ): Promise<AsyncIterable<Uint8Array>>;
  /** All whose names begin so. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<Stored>;
  /** Harmless when there is none. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Removes what attempts that were cut off have left unfinished under names that begin so. */
  sweep(prefix: string, signal: AbortSignal): Promise<void>;
}

/** Hashes a stream as it passes. */
export class Hashing {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  async *through(body: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void) {
    for await (const chunk of body) {
      this.add(chunk);
      onBytes?.(this.#bytes);
      yield chunk;
    }
  }

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Once all has passed. */
  digest(): Digest {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

/** Reads a stream to its end. */
export async function digestOf(
  body: AsyncIterable<Uint8Array>,
  onBytes?: (bytes: number) => void,
): Promise<Digest> {
  const hashing = new Hashing();
  for await (const _ of hashing.through(body, onBytes));
  return hashing.digest();
}

/** Small things whole. @param most - bytes; more is not read */
export async function textOf(body: AsyncIterable<Uint8Array>, most = 2 ** 24): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw new Error(`it has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A stream of what is there already. */
export async function* oneChunk(chunk: Uint8Array): AsyncIterable<Uint8Array> {
  yield chunk;
}
