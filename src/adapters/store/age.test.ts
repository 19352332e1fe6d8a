import { randomBytes } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { decrypted, encrypted, identitiesIn } from './age.js';
import { escrowOfCommand, escrowOfIdentity, tryEscrow } from './escrow.js';

const { signal } = new AbortController();
const CHUNK = 65_536;
/** What age adds to each chunk. */
const TAG = 16;

async function* stream(bytes: Uint8Array, size = 50_000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

let identity: string;
let recipient: string;
beforeAll(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});

const encrypt = async (plain: Uint8Array) => whole(await encrypted(stream(plain), [recipient]));
const decrypt = async (cipher: Uint8Array, identities = [identity]) =>
  whole(await decrypted(stream(cipher), identities));

it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK])('%d bytes come back as they were', async (bytes) => {
  const plain = randomBytes(bytes);
  const cipher = await encrypt(plain);
  expect(cipher.includes(plain) && bytes > 1).toBe(false);
  expect((await decrypt(cipher)).equals(plain)).toBe(true);
});

it('what was cut is found out, at every border of chunks too', async () => {
  const cipher = await encrypt(randomBytes(4 * CHUNK));
  const chunk = CHUNK + TAG;
  for (let cut = 1; cut <= 4; cut += 1)
    for (const at of [cut * chunk, cut * chunk - 1, cut * chunk + 1])
      await expect(decrypt(cipher.subarray(0, cipher.length - at))).rejects.toThrow();
  await expect(decrypt(Buffer.concat([cipher, Buffer.alloc(1)]))).rejects.toThrow();
});

it('a bit that is another is found out', async () => {
  const cipher = await encrypt(randomBytes(3 * CHUNK));
  for (const at of [0.3, 0.5, 0.7, 0.9].map((part) => Math.floor(cipher.length * part))) {
    const changed = Buffer.from(cipher);
    changed[at]! ^= 1;
    await expect(decrypt(changed)).rejects.toThrow();
  }
});

it('another key decrypts nothing', async () => {
  const cipher = await encrypt(randomBytes(10));
  await expect(decrypt(cipher, [await generateX25519Identity()])).rejects.toThrow();
});

describe('the escrowed key', () => {
  it('is taken out of a file of age-keygen', () => {
    expect(identitiesIn(`# created: 2026\n# public key: ${recipient}\n${identity}\n`)).toEqual([identity]);
  });

  it('may lie where a command leads', async () => {
    // What stands for `ssh vault age -d`: it decrypts its input with the library in a process of its own.
    const script = `
      import { Decrypter } from 'age-encryption';
      import { Readable } from 'node:stream';
      const decrypter = new Decrypter();
      decrypter.addIdentity(process.env.KEY);
      for await (const chunk of await decrypter.decrypt(Readable.toWeb(process.stdin))) process.stdout.write(chunk);`;
    const args = ['--input-type=module', '--eval', script];
    const escrow = escrowOfCommand({ file: process.execPath, args, env: { KEY: identity } });
    await tryEscrow(escrow, [recipient], signal);
    const plain = randomBytes(3 * CHUNK);
    const back = await whole(await escrow.decrypt(stream(await encrypt(plain)), signal));
    expect(back.equals(plain)).toBe(true);
  });

  it.each([
    ['is that of somebody else', async () => escrowOfIdentity(await generateX25519Identity()), /escrow/],
    ['is not in its file', async () => escrowOfIdentity('# nothing here\n'), /no private key of age/],
    [
      'is not given by the command',
      async () => escrowOfCommand({ file: 'sh', args: ['-c', 'echo the vault is closed >&2; exit 7'] }),
      /the vault is closed/,
    ],
    [
      'gives back something else',
      async () => escrowOfCommand({ file: 'cat', args: [] }),
      /not what is encrypted|not what was encrypted|what was decrypted is not/,
    ],
    [
      'has a command that is not there',
      async () => escrowOfCommand({ file: '/nowhere/age', args: [] }),
      /nowhere/,
    ],
  ])('%s: no copy is made', async (_, escrow, says) => {
    const problem = await tryEscrow(await escrow(), [recipient], signal).catch((error: Error) => error);
    expect(problem).toMatchObject({ code: 'escrow-failed' });
    expect((problem as Error).message).toMatch(says);
  });
});
