import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../domain/problem.js';
import { escrowFailed } from '../../domain/problems/store.js';
import type { Command } from '../command.js';
import { endWith, startTool } from '../shell.js';
import { decrypted, encrypted, identitiesIn } from './age.js';
import { oneChunk } from './store.js';

type Bytes = AsyncIterable<Uint8Array>;

/** The private key, wherever it lies. */
export interface Escrow {
  /** What it throws is in the words of the tool. */
  decrypt(body: Bytes, signal: AbortSignal): Promise<Bytes>;
}

/** A key that lies here. @param text - of a file of age-keygen, or the key itself */
export const escrowOfIdentity = (text: string): Escrow => ({
  decrypt: async (body) => {
    const identities = identitiesIn(text);
    if (!identities.length) throw new Error('there is no private key of age in it (AGE-SECRET-KEY-…)');
    return decrypted(body, identities);
  },
});

const GRACE_MS = 5_000;
const MOST_WORDS = 2_000;

/** A command that decrypts its standard input to its standard output: the key lies where it leads. */
export const escrowOfCommand = (command: Command): Escrow => ({
  decrypt: async (body, signal) => through(command, body, signal),
});

async function* through(command: Command, body: Bytes, signal: AbortSignal): Bytes {
  const { tool } = await startTool(command);
  const letGo = endWith(tool, signal, GRACE_MS);
  let words = '';
  tool.stderr.on('data', (text: Buffer) => (words = (words + text.toString()).slice(-MOST_WORDS)));
  // A tool that ends early closes its input: its exit code tells why.
  const sent = pipeline(Readable.from(body, { objectMode: false }), tool.stdin).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : error),
  );
  try {
    yield* tool.stdout as Bytes;
    const { exitCode, originalMessage } = await tool;
    const failed = await sent;
    if (failed instanceof Problem) throw failed;
    if (exitCode !== 0)
      throw new Error(words.trim() || originalMessage || `${command.file} ended with exit code ${exitCode}`);
    if (failed) throw failed;
  } finally {
    letGo();
    tool.kill('SIGTERM');
  }
}

/**
 * Encrypts something small for the recipients and decrypts it with the escrowed key.
 *
 * @throws Problem `escrow-failed`
 */
export async function tryEscrow(
  escrow: Escrow,
  recipients: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const sent = randomBytes(64);
  const why = await (async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await escrow.decrypt(await encrypted(oneChunk(sent), recipients), signal))
      chunks.push(chunk);
    return Buffer.concat(chunks).equals(sent) ? undefined : 'what was decrypted is not what was encrypted';
  })().catch((error: Error) => error.message);
  signal.throwIfAborted();
  if (why !== undefined) throw escrowFailed(why);
}
