import { ReadableStream } from 'node:stream/web';

type Bytes = AsyncIterable<Uint8Array>;

/** It brings ciphers that take longer to load than the rest of a worker's steps; most targets need none of it. */
const age = () => import('age-encryption');

/** Not `Readable.toWeb`: of one that is given up half way Node 20 throws where nobody can catch it. */
const webStream = (body: Bytes): ReadableStream<Uint8Array> =>
  ReadableStream.from(body) as ReadableStream<Uint8Array>;

/**
 * Encrypts for public keys, in the format of age (https://age-encryption.org/v1): whoever writes it cannot read it.
 * The last chunk says that it is the last.
 */
export async function encrypted(body: Bytes, recipients: readonly string[]): Promise<Bytes> {
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(webStream(body));
}

/**
 * Fails when no identity fits, when a byte is another, and when the end is missing: also when it was cut between two
 * chunks.
 *
 * @param identities - private keys
 */
export async function decrypted(body: Bytes, identities: readonly string[]): Promise<Bytes> {
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  return decrypter.decrypt(webStream(body));
}

/** The private keys in a text, such as a file of age-keygen; its comments are left out. */
export const identitiesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^AGE-SECRET-KEY-/.test(line));
