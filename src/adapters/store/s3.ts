import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { storeKeyTaken, storeLies } from '../../domain/problems/store.js';
import { s3Problem, statusOf } from './s3-failures.js';
import { digestOf, Hashing, type Digest, type Store, type Stored, type Watch } from './store.js';

/** Secrets in it: never put it into a message. */
export interface S3Settings {
  name: string;
  bucket: string;
  prefix: string;
  region: string;
  endpoint?: string;
  pathStyle: boolean;
  /** Default: AWS's own ways. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

const TRIES = 4;
const CONNECT_MS = 10_000;
/** For one part, or one answer. */
const ANSWER_MS = 120_000;
const PART_BYTES = 8 * 2 ** 20;
/** S3 takes 10,000; a size that was guessed may be off a little. */
const MOST_PARTS = 9_000;
const SWEEP_MS = 20_000;

/** A bucket of a store that speaks S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/). */
export class S3Store implements Store {
  readonly name: string;
  readonly where: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ name, bucket, prefix, region, endpoint, pathStyle, credentials }: S3Settings) {
    this.name = name;
    this.where = `s3://${[bucket, prefix].filter(Boolean).join('/')}`;
    this.#bucket = bucket;
    this.#prefix = prefix ? `${prefix}/` : '';
    this.#client = new S3Client({
      region,
      ...(endpoint ? { endpoint } : {}),
      forcePathStyle: pathStyle,
      ...(credentials ? { credentials } : {}),
      maxAttempts: TRIES,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
      },
    });
  }

  /** Each part carries its SHA-256, which the store compares before it takes it. */
  async put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    sizeHint: number,
    { signal, onBytes }: Watch,
  ): Promise<Digest> {
    const hashing = new Hashing();
    const abortController = new AbortController();
    const abort = () => abortController.abort();
    signal.addEventListener('abort', abort, { once: true });
    const upload = new Upload({
      client: this.#client,
      params: {
        ...this.#at(key),
        Body: Readable.from(hashing.through(body, onBytes), { objectMode: false }),
        ChecksumAlgorithm: 'SHA256',
        IfNoneMatch: '*',
      },
      partSize: Math.max(PART_BYTES, Math.ceil(sizeHint / MOST_PARTS)),
      abortController,
    });
    try {
      await upload.done();
      return hashing.digest();
    } catch (error) {
      if (statusOf(error) === 412) return await this.#oursAlready(key, hashing.digest(), signal);
      await this.sweep(key, AbortSignal.timeout(SWEEP_MS)).catch(() => undefined); // the cause is told
      throw s3Problem(this.where, error, signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** An answer may have been lost: then it was we who wrote it. */
  async #oursAlready(key: string, sent: Digest, signal: AbortSignal): Promise<Digest> {
    const found = await digestOf(await this.read(key, signal));
    if (found.sha256 === sent.sha256) return sent;
    throw storeKeyTaken(this.where, key);
  }

  head = (key: string, signal: AbortSignal): Promise<Stored | undefined> =>
    this.#told(signal, async () => {
      try {
        const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#at(key)), {
          abortSignal: signal,
        });
        return { key, bytes: ContentLength ?? 0 };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });

  async read(key: string, signal: AbortSignal, range?: { start: number; end: number }) {
    const { Body } = await this.#told(signal, async () => {
      try {
        return await this.#client.send(
          new GetObjectCommand({
            ...this.#at(key),
            ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        if (statusOf(error) === 404) throw storeLies(this.where, key, 'it is not there');
        throw error;
      }
    });
    return this.#body(key, Body as Readable, signal);
  }

  /** What breaks off while it is read is told like all else. */
  async *#body(key: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    try {
      yield* body;
    } catch (error) {
      // The store said which checksum it has, and the SDK compares.
      if (/checksum mismatch/i.test((error as Error).message))
        throw storeLies(this.where, key, (error as Error).message);
      throw s3Problem(this.where, error, signal);
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<Stored> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix + prefix },
    );
    try {
      for await (const { Contents = [] } of pages) {
        signal.throwIfAborted();
        for (const { Key = '', Size = 0 } of Contents)
          yield { key: Key.slice(this.#prefix.length), bytes: Size };
      }
    } catch (error) {
      throw s3Problem(this.where, error, signal);
    }
  }

  remove = (key: string, signal: AbortSignal): Promise<void> =>
    this.#told(signal, async () => {
      await this.#client.send(new DeleteObjectCommand(this.#at(key)), { abortSignal: signal });
    });

  sweep = (prefix: string, signal: AbortSignal): Promise<void> =>
    this.#told(signal, async () => {
      const begun = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.#prefix + prefix }),
        { abortSignal: signal },
      );
      for (const { Key, UploadId } of begun.Uploads ?? [])
        await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }), {
          abortSignal: signal,
        });
    });

  #at = (key: string) => ({ Bucket: this.#bucket, Key: this.#prefix + key });

  async #told<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw s3Problem(this.where, error, signal);
    }
  }
}
