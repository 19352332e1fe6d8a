import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { usingBackup } from '../../../src/activities/fetch-back.js';
import { keepBackup } from '../../../src/activities/keep-backup.js';
import { trusted } from '../../../src/adapters/backup/restore-archive.js';
import { copyBackup, type CopyOptions } from '../../../src/adapters/store/copy.js';
import { damageOfCopy } from '../../../src/adapters/store/copy-record.js';
import { escrowOfIdentity } from '../../../src/adapters/store/escrow.js';
import { fetchCopy } from '../../../src/adapters/store/fetch.js';
import { S3Store, type S3Settings } from '../../../src/adapters/store/s3.js';
import type { Backup, BackupManifest } from '../../../src/domain/backup.js';
import { LyingS3, type Asked } from '../../support/lying-s3.js';
import { makeBackup, sha256Of } from '../../support/made-backup.js';
import { credentials, TestS3 } from '../../support/s3.js';
import { quietWork, SettingsHome } from '../../support/settings-home.js';

const { signal } = new AbortController();
/** Three parts of 8 MiB. */
const BYTES = 18 * 2 ** 20;
const SMALL = 200_000;

let server: TestS3;
let lying: LyingS3;
let folder: string;
let settings: S3Settings;
let store: S3Store;
beforeAll(async () => {
  server = await TestS3.start();
  lying = await LyingS3.before(server.endpoint);
});
afterAll(async () => {
  await lying?.stop();
  await server?.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-store-'));
  lying.lies(() => undefined);
  settings = await server.bucket(lying.endpoint);
  store = new S3Store(settings);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = (rest: Partial<CopyOptions> = {}): CopyOptions => ({
  target: 'shop',
  recipients: [],
  readBack: 'all',
  signal,
  onProgress: () => undefined,
  ...rest,
});
const copy = (
  { backup, manifest }: { backup: Backup; manifest: BackupManifest },
  rest?: Partial<CopyOptions>,
) => copyBackup(store, backup, manifest, options(rest));
const isPart = ({ method, path }: Asked) => method === 'PUT' && path.includes('partNumber=');
const isPut = ({ method, path }: Asked) => method === 'PUT' && !path.includes('partNumber=');
const isRecord = ({ path }: Asked) => path.includes('.copy.json');

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('', signal)) found.push(key);
  return found;
}

/** No copy that looks like one, no parts left, and the backup as it was. */
async function assertNothingLost({ backup }: { backup: Backup }): Promise<void> {
  lying.lies(() => undefined);
  expect((await keys()).filter((key) => key.endsWith('.copy.json'))).toEqual([]);
  expect(await server.unfinished(settings)).toBe(0);
  expect(await sha256Of(backup.path)).toBe(backup.sha256);
}

it('copies in parts, each with its checksum, the record last; and fetches the same back', async () => {
  const made = await makeBackup(folder, { bytes: BYTES });
  const copied = await copy(made);
  const puts = lying.asked.filter((asked) => isPart(asked) || isPut(asked));
  expect(puts.filter(isPart)).toHaveLength(3);
  for (const { headers } of puts) expect(headers['x-amz-checksum-sha256']).toMatch(/=$/);
  expect(puts.at(-1)!.path).toContain('/pre/fix/shop/run-1.copy.json');
  expect(puts.at(-1)!.headers['if-none-match']).toBe('*');
  expect(copied).toMatchObject({ backup: 'run-1', store: 'offsite', encryption: null });
  expect(JSON.stringify(copied)).not.toContain('test-secret');

  const elsewhere = await mkdtemp(join(tmpdir(), 'lk-back-'));
  await fetchCopy(store, 'run-1', copied, { folder: elsewhere, signal, onProgress: () => undefined });
  expect((await readdir(elsewhere)).sort()).toEqual(['run-1.dump', 'run-1.json']);
  expect(await sha256Of(join(elsewhere, 'run-1.dump'))).toBe(made.backup.sha256);
  await rm(elsewhere, { recursive: true });
});

it('a store that fails for a moment is asked again', async () => {
  const made = await makeBackup(folder, { bytes: BYTES });
  let left = 2;
  lying.lies((asked) =>
    isPart(asked) && left-- > 0 ? { is: 'error', status: 503, code: 'SlowDown' } : undefined,
  );
  expect(await copy(made)).toMatchObject({ backup: 'run-1' });
  expect(lying.fired).toBe(2);
});

it('an answer that was lost is found out to have been ours', async () => {
  const made = await makeBackup(folder);
  let left = 1;
  lying.lies((asked) => (isPut(asked) && isRecord(asked) && left-- > 0 ? { is: 'no answer' } : undefined));
  expect(await copy(made)).toMatchObject({ backup: 'run-1' });
  expect(lying.fired).toBe(1);
});

describe('a store that does not keep what it takes', () => {
  const unreachable = { code: 'store-unreachable', told: expect.objectContaining({ retry: true }) };
  const refuses = { code: 'store-refuses', told: expect.objectContaining({ retry: false }) };
  const lies = { code: 'store-lies', message: expect.stringContaining('s3://') };
  const isOfArchive = ({ path }: Asked) => path.includes('.dump');
  const gets = (asked: Asked) => asked.method === 'GET' && isOfArchive(asked);

  it.each<[string, number, Parameters<LyingS3['lies']>[0], object]>([
    [
      'fails in the middle',
      BYTES,
      (asked, nth) =>
        isPart(asked) && nth > 3 ? { is: 'error', status: 500, code: 'InternalError' } : undefined,
      unreachable,
    ],
    ['says OK and loses all', SMALL, (asked) => (isPut(asked) ? { is: 'lose' } : undefined), lies],
    [
      'says OK and loses the record',
      SMALL,
      (asked) => (isPut(asked) && isRecord(asked) ? { is: 'lose' } : undefined),
      lies,
    ],
    ['gives another bit', SMALL, (asked) => (gets(asked) ? { is: 'flip' } : undefined), lies],
    [
      'has less than was sent',
      SMALL,
      (asked) => (asked.method === 'HEAD' && isOfArchive(asked) ? { is: 'shorter' } : undefined),
      lies,
    ],
    ['breaks off while it gives', SMALL, (asked) => (gets(asked) ? { is: 'cut' } : undefined), unreachable],
    [
      'refuses expired credentials',
      SMALL,
      () => ({ is: 'error', status: 403, code: 'ExpiredToken' }),
      refuses,
    ],
  ])('%s', async (_, bytes, lie, problem) => {
    const made = await makeBackup(folder, { bytes });
    lying.lies(lie);
    await expect(copy(made)).rejects.toMatchObject(problem);
    expect(lying.fired).toBeGreaterThan(0);
    await assertNothingLost(made);
    // Once it behaves, the same copy is made, and nothing of the first try is left.
    const copied = await copy(made);
    expect((await keys()).sort()).toEqual([...copied.files.map(({ key }) => key), copied.key].sort());
  });

  it('gives another bit at its end, when only the ends are read back', async () => {
    const made = await makeBackup(folder, { bytes: 3 * 2 ** 20 });
    lying.lies((asked) =>
      gets(asked) && asked.headers.range === 'bytes=2097152-3145727' ? { is: 'flip' } : undefined,
    );
    await expect(copy(made, { readBack: 'ends' })).rejects.toMatchObject(lies);
    expect(lying.fired).toBe(1);
    await assertNothingLost(made);
    expect(await copy(made, { readBack: 'ends' })).toMatchObject({ backup: 'run-1' });
    expect(lying.asked.filter(gets).map(({ headers }) => headers.range)).toEqual([
      'bytes=0-1048575',
      'bytes=2097152-3145727',
    ]);
  });
});

it('what a killed worker has left, parts and whole files, is removed by the next copy of the same backup', async () => {
  const Bucket = settings.bucket;
  const left = (Key: string) => ({ Bucket, Key: `pre/fix/shop/${Key}` });
  await server.client.send(new CreateMultipartUploadCommand(left('run-1/0badf00d/run-1.dump')));
  await server.client.send(new PutObjectCommand({ ...left('run-1/0badf00d/run-1.globals.sql'), Body: 'x' }));
  await server.client.send(new PutObjectCommand({ ...left('run-11/0badf00d/run-11.dump'), Body: 'x' }));
  expect(await server.unfinished(settings)).toBe(1);
  const copied = await copy(await makeBackup(folder));
  expect(await server.unfinished(settings)).toBe(0);
  expect((await keys()).sort()).toEqual(
    [...copied.files.map(({ key }) => key), copied.key, 'shop/run-11/0badf00d/run-11.dump'].sort(),
  );
});

it('is what the settings name: secrets from the environment and files, in nothing that is kept or told', async () => {
  const home = await SettingsHome.make();
  process.env.LOCKKEEPER_TEST_S3_SECRET = credentials.secretAccessKey;
  try {
    const identity = await generateX25519Identity();
    await writeFile(join(home.folder, 'key-id'), `${credentials.accessKeyId}\n`);
    await writeFile(join(home.folder, 'identity'), `# mine\n${identity}\n`);
    const { bucket, prefix, region, endpoint } = settings;
    const secrets = { accessKeyId: 'file:key-id', secretAccessKey: '${LOCKKEEPER_TEST_S3_SECRET}' };
    await home.write({
      backup: {
        copies: [{ name: 'offsite', s3: { bucket, prefix, region, endpoint, ...secrets } }],
        encryption: {
          recipients: [await identityToRecipient(identity)],
          escrow: { identity: 'file:identity' },
        },
      },
    });
    const target = home.home.target();
    const made = await makeBackup(join(home.folder, '.lockkeeper', 'backups', 'shop'));
    const said: string[] = [];
    const work = { ...quietWork(), progress: (text: string) => said.push(text) };
    const run = { runId: 'run-1', beforeChange: false, waiting: false };
    const notes = await keepBackup(target, made.backup, run, work);
    expect(notes).toEqual(['copied to offsite, encrypted, and decrypted with the escrowed key']);
    await writeFile(made.backup.path, 'damaged');
    const { alarms } = await usingBackup(target, made.backup, { by: 'run 2', why: 'x' }, work, () =>
      trusted(made.backup, { signal, onProgress: work.progress }),
    );
    expect(alarms).toEqual([expect.stringContaining('fetched back from offsite')]);
    const kept = await readFile(made.backup.manifest.replace('.json', '.copies.json'), 'utf8');
    for (const text of [...notes, ...alarms, ...said, kept])
      for (const secret of [credentials.secretAccessKey, identity]) expect(text).not.toContain(secret);
  } finally {
    delete process.env.LOCKKEEPER_TEST_S3_SECRET;
    await home.remove();
  }
});

it('never writes over a copy of another database', async () => {
  const made = await makeBackup(folder);
  const copied = await copy(made);
  const other = await makeBackup(folder, { database: { oid: 99 } });
  await expect(copy(other)).rejects.toMatchObject({ code: 'store-key-taken' });
  expect(await damageOfCopy(store, copied, signal)).toBeUndefined();
});

it.each([SMALL, BYTES])(
  'does not copy what is not what was backed up: nothing of it gets a name (%d bytes)',
  async (bytes) => {
    const made = await makeBackup(folder, { bytes });
    const files = made.manifest.files.map((file) => ({ ...file, sha256: '0'.repeat(64) }));
    const changed = { ...made.manifest, files };
    await expect(copy({ backup: made.backup, manifest: changed })).rejects.toMatchObject({
      code: 'backup-damaged',
    });
    expect(await keys()).toEqual([]);
    expect(await server.unfinished(settings)).toBe(0);
  },
);

it('asked again it checks the copy that is there, and makes it anew when that is not whole', async () => {
  const made = await makeBackup(folder);
  const first = await copy(made);
  expect((await copy(made)).files).toEqual(first.files);
  await store.remove(first.files[0]!.key, signal);
  expect(await damageOfCopy(store, first, signal)).toContain('it is not there');
  const second = await copy(made);
  expect(second.files[0]!.key).not.toBe(first.files[0]!.key);
  expect(await damageOfCopy(store, second, signal)).toBeUndefined();
});

it('encrypted, it is read back with the escrowed key; the store sees nothing of it', async () => {
  const identity = await generateX25519Identity();
  const recipients = [await identityToRecipient(identity)];
  const made = await makeBackup(folder, { bytes: 2 * 2 ** 20 });
  const escrow = escrowOfIdentity(`# created by age-keygen\n${identity}\n`);
  const copied = await copy(made, { recipients, escrow });
  expect(copied.encryption).toEqual({ format: 'age', recipients, escrowAt: copied.copiedAt });
  expect(copied.files.every(({ key }) => key.endsWith('.age'))).toBe(true);
  expect(copied.files[0]!.storedSha256).not.toBe(copied.files[0]!.sha256);
  const back = { folder: await mkdtemp(join(tmpdir(), 'lk-back-')), signal, onProgress: () => undefined };
  await expect(fetchCopy(store, 'run-1', copied, back)).rejects.toMatchObject({ code: 'copy-encrypted' });
  await fetchCopy(store, 'run-1', copied, { ...back, escrow });
  expect(await sha256Of(join(back.folder, 'run-1.dump'))).toBe(made.backup.sha256);
  await rm(back.folder, { recursive: true });
});

it('a worker that is stopped leaves no parts behind', async () => {
  const made = await makeBackup(folder, { bytes: BYTES });
  const stop = new AbortController();
  lying.lies((asked, nth) => {
    if (isPart(asked) && nth > 4) stop.abort(new Error('stopped'));
    return undefined;
  });
  await expect(copy(made, { signal: stop.signal })).rejects.toThrow('stopped');
  await assertNothingLost(made);
});
