import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { makeBackup, sha256Of } from '../../test/support/made-backup.js';
import { randomFrom } from '../../test/support/random.js';
import { quietWork, SettingsHome } from '../../test/support/settings-home.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { backupDamaged } from '../domain/problems/restore.js';
import { copiesOf } from '../adapters/store/records.js';
import { backupsOf } from './backups.js';
import { expireBackups, judgeBackups } from './expire.js';
import { usingBackup } from './fetch-back.js';
import { keepBackup } from './keep-backup.js';
import { fetchBackup, knownBackup, pinBackup, storedCopies } from './look-at-backups.js';

const work = quietWork();
const run = { runId: 'run-1', beforeChange: false, waiting: false };
const aWatch = { by: 'run 1', why: 'a restore' };
const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T10:00:00.000Z`;

let home: SettingsHome;
let folder: string;
beforeEach(async () => {
  home = await SettingsHome.make();
  folder = join(home.folder, '.lockkeeper', 'backups', 'shop');
  await mkdir(join(home.folder, 'nas'));
});
afterEach(() => home.remove());

const nas = { name: 'nas', folder: 'nas' };
const target = async (backup: Record<string, unknown>) => {
  await home.write({ backup });
  return home.home.target();
};
const readAll = (made: Awaited<ReturnType<typeof makeBackup>>) => () =>
  trusted(made.backup, { signal: work.signal, onProgress: work.progress });

describe('copies', () => {
  it('are made, written down beside the manifest, and not made twice', async () => {
    const shop = await target({ copies: [nas] });
    const { backup } = await makeBackup(folder);
    expect(await keepBackup(shop, backup, run, work)).toEqual(['copied to nas']);
    const [copy] = (await copiesOf(backup.manifest)).copies;
    expect(copy).toMatchObject({ store: 'nas', where: join(home.folder, 'nas'), encryption: null });
    expect(await sha256Of(join(home.folder, 'nas', copy!.files[0]!.key))).toBe(backup.sha256);
    await keepBackup(shop, backup, run, work);
    expect((await copiesOf(backup.manifest)).copies[0]!.files).toEqual(copy!.files);
  });

  it('that are required fail the step; the backup stays, and the next one makes up for it', async () => {
    const shop = await target({ copies: [{ name: 'far', folder: 'not-mounted' }, nas] });
    const first = await makeBackup(folder);
    await expect(keepBackup(shop, first.backup, run, work)).rejects.toMatchObject({
      code: 'store-refuses',
      message: expect.stringMatching(/run-1 is whole here, but was not copied to far.*not-mounted/),
    });
    expect(await readAll(first)()).toBeDefined();
    expect(await copiesOf(first.backup.manifest)).toMatchObject({
      copies: [{ store: 'nas' }],
      missing: [{ store: 'far' }],
    });
    await mkdir(join(home.folder, 'not-mounted'));
    const second = await makeBackup(folder, { id: 'run-2', startedAt: day(2) });
    expect(await keepBackup(shop, second.backup, run, work)).toEqual([
      'copied to far',
      'copied to nas',
      'run-1: copied to far',
    ]);
    expect((await copiesOf(first.backup.manifest)).missing).toEqual([]);
  });

  it('that are not required are told of', async () => {
    const shop = await target({ copies: [{ name: 'far', folder: 'not-mounted', required: false }] });
    const { backup } = await makeBackup(folder);
    expect(await keepBackup(shop, backup, run, work)).toEqual([expect.stringContaining('NOT copied to far')]);
  });

  it('are made later when others wait, and credentials that are missing name their setting', async () => {
    const s3 = { bucket: 'backups', accessKeyId: 'me', secretAccessKey: '${LOCKKEEPER_NOT_SET}' };
    const shop = await target({ copies: [{ name: 'cloud', s3 }] });
    const { backup } = await makeBackup(folder);
    expect(await keepBackup(shop, backup, { ...run, waiting: true }, work)).toEqual([]);
    expect((await copiesOf(backup.manifest)).missing).toMatchObject([{ store: 'cloud' }]);
    await expect(keepBackup(shop, backup, run, work)).rejects.toMatchObject({
      code: 'missing-secret',
      message: expect.stringContaining('backup.copies.cloud.s3.secretAccessKey'),
    });
  });

  it('are refused when the escrowed key is another; with the right one each second is decrypted whole', async () => {
    const identity = await generateX25519Identity();
    const recipients = [await identityToRecipient(identity)];
    await writeFile(join(home.folder, 'key'), `# a comment\n${await generateX25519Identity()}\n`);
    const encryption = { recipients, escrow: { identity: 'file:key', every: 2 } };
    const shop = await target({ copies: [nas], encryption });
    const made = await Promise.all(
      [1, 2, 3].map((n) => makeBackup(folder, { id: `run-${n}`, startedAt: day(n) })),
    );
    await expect(keepBackup(shop, made[0]!.backup, run, work)).rejects.toMatchObject({
      code: 'escrow-failed',
    });
    expect(await readdir(join(home.folder, 'nas'))).toEqual([]);
    await rm(join(home.folder, 'key'));
    await expect(keepBackup(shop, made[0]!.backup, run, work)).rejects.toMatchObject({
      code: 'escrow-failed',
    });

    await writeFile(join(home.folder, 'key'), `# a comment\n${identity}\n`);
    for (const { backup } of made) await keepBackup(shop, backup, run, work);
    const whole = await Promise.all(
      made.map(
        async ({ backup }) => (await copiesOf(backup.manifest)).copies[0]!.encryption!.escrowAt !== null,
      ),
    );
    expect(whole.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    expect(whole.filter((each) => !each).length).toBeGreaterThanOrEqual(1);
    const text = await readFile(join(folder, 'run-1.copies.json'), 'utf8');
    expect(text).not.toContain('AGE-SECRET-KEY');
  });
});

describe('a backup whose archive is damaged', () => {
  it('100 of 100 single bits that turned are found before use, and put right from the copy', async () => {
    const shop = await target({ copies: [nas] });
    const made = await makeBackup(folder, { bytes: 20_000 });
    await keepBackup(shop, made.backup, run, work);
    const seed = Number(process.env['LOCKKEEPER_SEED'] ?? Date.now() % 1_000_000);
    process.stderr.write(`bit flips, LOCKKEEPER_SEED=${seed}\n`);
    const random = randomFrom(seed);
    for (let flip = 0; flip < 100; flip += 1) {
      const content = await readFile(made.backup.path);
      content[Math.floor(random() * content.length)]! ^= 1 << Math.floor(random() * 8);
      await writeFile(made.backup.path, content);
      await expect(readAll(made)()).rejects.toMatchObject({ code: 'backup-damaged' });
      const { alarms } = await usingBackup(shop, made.backup, aWatch, work, readAll(made));
      expect(alarms).toEqual([expect.stringMatching(/put aside as .*damaged.*fetched back from nas/)]);
      expect(await sha256Of(made.backup.path)).toBe(made.backup.sha256);
    }
    expect((await readdir(folder)).filter((name) => name.includes('.damaged'))).toHaveLength(100);
  });

  it.each([
    ['cut', (path: string) => writeFile(path, 'x')],
    ['gone', (path: string) => rm(path)],
  ])('%s: fetched back as well', async (_, harm) => {
    const shop = await target({ copies: [nas] });
    const made = await makeBackup(folder);
    await keepBackup(shop, made.backup, run, work);
    await harm(made.backup.path);
    const { alarms } = await usingBackup(shop, made.backup, aWatch, work, readAll(made));
    expect(alarms).toHaveLength(1);
  });

  it('the next copy is taken when the first is damaged, too', async () => {
    await mkdir(join(home.folder, 'usb'));
    const shop = await target({ copies: [nas, { name: 'usb', folder: 'usb' }] });
    const made = await makeBackup(folder);
    await keepBackup(shop, made.backup, run, work);
    const [first] = (await copiesOf(made.backup.manifest)).copies;
    await writeFile(join(home.folder, 'nas', first!.files[0]!.key), 'not what it was');
    await writeFile(made.backup.path, 'nor this');
    const { alarms } = await usingBackup(shop, made.backup, aWatch, work, readAll(made));
    expect(alarms[0]).toContain('fetched back from usb');
    expect(await copiesOf(made.backup.manifest)).toMatchObject({
      copies: [{ store: 'usb' }],
      missing: [{ store: 'nas' }],
    });
  });

  it('an archive that is whole is not put aside, whatever else is said of it', async () => {
    const shop = await target({ copies: [nas] });
    const made = await makeBackup(folder);
    await keepBackup(shop, made.backup, run, work);
    const act = () => Promise.reject(backupDamaged(made.backup.path, 'its manifest is another'));
    await expect(usingBackup(shop, made.backup, aWatch, work, act)).rejects.toThrow(
      'its manifest is another',
    );
    expect((await readdir(folder)).sort()).toEqual(['run-1.copies.json', 'run-1.dump', 'run-1.json']);
  });

  it.each([
    ['with copies that are damaged', [nas], 'backup-lost'],
    ['without copies', [], 'backup-damaged'],
  ])('%s it is not used, and the next older proven one is named', async (_, copies, code) => {
    const shop = await target({ copies });
    await makeBackup(folder, { id: 'older', startedAt: day(1) });
    await writeFile(join(folder, 'older.proved'), `${day(2)}\n`);
    const made = await makeBackup(folder, { startedAt: day(3) });
    await keepBackup(shop, made.backup, run, work);
    for (const copy of (await copiesOf(made.backup.manifest)).copies)
      await writeFile(join(home.folder, 'nas', copy.files[0]!.key), 'no');
    await writeFile(made.backup.path, 'x'.repeat(made.backup.bytes));
    let used = 0;
    const act = () => readAll(made)().then(() => (used += 1));
    await expect(usingBackup(shop, made.backup, aWatch, work, act)).rejects.toMatchObject({
      code,
      told: { next: expect.arrayContaining([expect.stringContaining(`older of ${day(1)}`)]), retry: false },
    });
    expect(used).toBe(0);
    expect(await readdir(folder)).toContain('run-1.dump.damaged');
  });

  it('lost with all that was known of it, it is fetched from the store, decrypted by the escrowed key', async () => {
    const identity = await generateX25519Identity();
    await writeFile(join(home.folder, 'key'), identity);
    const encryption = {
      recipients: [await identityToRecipient(identity)],
      escrow: { identity: 'file:key' },
    };
    const shop = await target({ copies: [nas], encryption });
    const made = await makeBackup(folder);
    await keepBackup(shop, made.backup, run, work);
    await rm(folder, { recursive: true });
    expect((await storedCopies(shop, work)).copies.map(({ record }) => record.backup)).toEqual(['run-1']);
    expect(await fetchBackup(shop, 'latest', work)).toEqual({ id: 'run-1', store: 'nas' });
    expect(await readAll(made)()).toBeDefined();
    await expect(fetchBackup(shop, 'run-9', work)).rejects.toMatchObject({ code: 'no-such-copy' });
  });
});

describe('expiry', () => {
  const prove = (id: string) => writeFile(join(folder, `${id}.proved`), `${day(28)}\n`);
  const take = async (...days: number[]) => {
    for (const n of days) await makeBackup(folder, { id: `day-${n}`, startedAt: day(n), bytes: 1_000 });
  };
  const ids = async (shop: Awaited<ReturnType<typeof target>>) =>
    (await backupsOf(shop)).map(({ backup }) => backup.id);

  it('follows a backup: what the policy lets go is gone with its copies; what is newer than the last proven stays', async () => {
    const shop = await target({ copies: [nas], keep: { last: 1 } });
    await take(1, 2, 3, 4);
    await prove('day-3');
    for (const { backup } of await backupsOf(shop))
      await keepBackup(await target({ copies: [nas] }), backup, run, work);
    const [newest] = await backupsOf(shop);
    expect(
      await keepBackup(await target({ copies: [nas], keep: { last: 1 } }), newest!.backup, run, work),
    ).toEqual(['copied to nas', '2 older backups expired']);
    expect(await ids(shop)).toEqual(['day-4', 'day-3']);
    const left = await readdir(join(home.folder, 'nas', 'shop'));
    expect(left.sort()).toEqual(['day-3', 'day-3.copy.json', 'day-4', 'day-4.copy.json']);
  });

  it('deletes nothing while none is proven, and says why each stays', async () => {
    const shop = await target({ keep: { last: 1 } });
    await take(1, 2);
    const told = await judgeBackups(shop, work);
    expect(told.map(({ reasons }) => reasons[0])).toEqual(['none is proven', 'none is proven']);
    expect((await expireBackups(shop, work)).deleted).toEqual([]);
  });

  it('leaves what a run took before its change, until that run has ended and keepReplacedDays are over', async () => {
    const shop = await target({ keep: { last: 1 }, keepReplacedDays: 7 });
    await take(1, 2, 3);
    await prove('day-3');
    const taken = await knownBackup(shop, 'day-1');
    await keepBackup(await target({}), taken.backup, { ...run, runId: 'r1', beforeChange: true }, work);
    const record = async (at: string) => {
      const records = join(home.folder, '.lockkeeper', 'records', 'shop');
      await mkdir(records, { recursive: true });
      await writeFile(
        join(records, 'r1.json'),
        JSON.stringify({ runId: 'r1', facts: [{ at, kind: 'finished' }] }),
      );
    };
    const stays = async () => {
      const judged = await judgeBackups(await target({ keep: { last: 1 }, keepReplacedDays: 7 }), work);
      return judged.find(({ listed }) => listed.backup.id === 'day-1')!.reasons;
    };
    expect(await stays()).toEqual(['pinned by run r1: taken before its change']);
    await record(new Date(Date.now() - 6 * 86_400_000).toISOString());
    expect(await stays()).toHaveLength(1);
    await record(new Date(Date.now() - 8 * 86_400_000).toISOString());
    expect(await stays()).toEqual([]);
    await pinBackup(shop, 'day-1', 'ann', 'audit');
    expect(await stays()).toEqual(['pinned by ann: audit']);
  });

  it('a clock that jumped while the machine ran stops it', async () => {
    const shop = await target({ keep: { last: 1 } });
    await take(1, 2);
    await prove('day-2');
    await judgeBackups(shop, work);
    const path = join(home.folder, '.lockkeeper', 'clocks', 'shop.json');
    const seen = JSON.parse(await readFile(path, 'utf8')) as { at: number };
    await writeFile(path, JSON.stringify({ ...seen, at: seen.at - 2 * 3_600_000 }));
    await expect(expireBackups(shop, work)).rejects.toMatchObject({ code: 'expiry-refused' });
    expect(await ids(shop)).toHaveLength(2);
  });

  it('a backup from the future stops it: the clock of the host is behind', async () => {
    const shop = await target({ keep: { last: 1 } });
    await take(1);
    await makeBackup(folder, { id: 'ahead', startedAt: new Date(Date.now() + 60_000).toISOString() });
    const { backup } = await knownBackup(shop, 'ahead');
    expect(await keepBackup(shop, backup, run, work)).toEqual([expect.stringContaining('NOT expired')]);
    expect(await ids(shop)).toHaveLength(2);
  });
});
