import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom } from '../../../test/support/random.js';
import { CrashingFiles } from '../../../test/support/crashing-files.js';
import { makeBackup, sha256Of } from '../../../test/support/made-backup.js';

const disk = new CrashingFiles();
const { expireBackup, unfinishedDeletions, forgetMarker, holdersOf } = await import('./expire.js');
const { backupsIn } = await import('./list.js');
const { leasing, pin, unpin } = await import('./holds.js');
const { readManifest } = await import('./files.js');
const { withLock } = await import('../lock.js');
const { expiryBusy } = await import('../../domain/problems/store.js');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-expire-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Made = Awaited<ReturnType<typeof makeBackup>>;
const always = () => Promise.resolve(true);
const expire = async ({ backup, manifest }: Made, removeCopies = async () => {}) =>
  expireBackup(backup.manifest, manifest, {
    why: 'test',
    held: () => holdersOf(backup, always),
    removeCopies,
  });

/** A backup of several files, as those of version 2 are. */
async function makeFolderBackup(id: string): Promise<Made> {
  const made = await makeBackup(folder, { id, bytes: 1_000 });
  const { file, bytes, sha256 } = made.manifest;
  await cp(made.backup.path, join(folder, `${id}.files`, 'toc.dat'), { recursive: true });
  await rm(made.backup.path);
  const manifest = {
    ...made.manifest,
    file: `${id}.files`,
    files: [{ path: `${id}.files/toc.dat`, bytes, sha256 }],
  };
  await writeFile(made.backup.manifest, JSON.stringify(manifest));
  await writeFile(join(folder, `${id}.proved`), '2026-11-20T11:00:00.000Z\n');
  await writeFile(
    join(folder, `${id}.copies.json`),
    JSON.stringify({ formatVersion: 1, copies: [], missing: [] }),
  );
  return { manifest, backup: { ...made.backup, path: join(folder, file) } };
}

it('deletes what its manifest names, and nothing else', async () => {
  const made = await makeFolderBackup('run-1');
  await makeBackup(folder, { id: 'run-2' });
  await makeBackup(folder, { id: 'run-1-closed' });
  await writeFile(join(folder, 'run-1.notes.txt'), 'of a person');
  await writeFile(join(folder, 'run-1.files', 'mine'), 'of a person');
  expect(await expire(made)).toBe('deleted');
  expect((await readdir(folder)).sort()).toEqual([
    'run-1-closed.dump',
    'run-1-closed.json',
    'run-1.files',
    'run-1.notes.txt',
    'run-2.dump',
    'run-2.json',
  ]);
  expect(await readdir(join(folder, 'run-1.files'))).toEqual(['mine']);
});

it('a manifest that names what is outside of its folder deletes nothing there', async () => {
  const made = await makeBackup(folder);
  const outside = join(folder, '..', `outside-${process.pid}`);
  await writeFile(outside, 'of somebody else');
  const manifest = { ...made.manifest, files: [{ path: `../outside-${process.pid}`, bytes: 1, sha256: '' }] };
  await expire({ ...made, manifest: manifest as Made['manifest'] });
  expect(await sha256Of(outside)).toHaveLength(64);
  await rm(outside);
});

it('killed at any instant it leaves a whole backup or none, and the next time finishes', async () => {
  let instants = 0;
  for (let changes = 0; ; changes += 1) {
    const made = await makeFolderBackup('run-1');
    const other = await makeBackup(folder, { id: 'run-2' });
    const killed = await disk.killedAfter(changes, () => expire(made));
    const listed = (await backupsIn(folder)).map(({ backup }) => backup.id);
    expect(listed).toContain('run-2');
    if (listed.includes('run-1'))
      expect(await sha256Of(join(folder, 'run-1.files', 'toc.dat'))).toBe(made.manifest.sha256);

    for (const { manifestPath, manifest } of await unfinishedDeletions(folder))
      if (manifest) await expire({ backup: { ...made.backup, manifest: manifestPath }, manifest });
      else await forgetMarker(manifestPath);
    if (await readManifest(made.backup.manifest)) await expire(made);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.part')).sort()).toEqual([
      'run-2.dump',
      'run-2.json',
    ]);
    expect(await sha256Of(other.backup.path)).toBe(other.backup.sha256);
    if (!killed) break;
    instants += 1;
  }
  expect(instants).toBeGreaterThan(8);
});

it('what a store does not give up is deleted next time, and is no backup meanwhile', async () => {
  const made = await makeBackup(folder);
  await expect(expire(made, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  expect(await backupsIn(folder)).toEqual([]);
  const [left] = await unfinishedDeletions(folder);
  expect(left?.manifest?.id).toBe('run-1');
  expect(await expire({ backup: made.backup, manifest: left!.manifest! })).toBe('deleted');
  expect(await readdir(folder)).toEqual([]);
});

describe('held', () => {
  it('a backup that is being restored stays, and goes once that is over', async () => {
    const made = await makeBackup(folder);
    await leasing(made.backup, { by: 'run 1', why: 'a restore' }, async () => {
      expect(await expire(made)).toEqual({ held: ['in use by run 1: a restore'] });
    });
    expect(await sha256Of(made.backup.path)).toBe(made.backup.sha256);
    expect(await expire(made)).toBe('deleted');
  });

  it('one that is pinned stays, until it is unpinned', async () => {
    const made = await makeBackup(folder);
    const at = '2026-11-20T10:00:00.000Z';
    await pin(made.backup, { by: 'ann', at, why: 'before 2.0' });
    await pin(made.backup, { by: 'ann', at, why: 'before 2.1' });
    expect(await expire(made)).toEqual({ held: ['pinned by ann: before 2.1'] });
    expect(await unpin(made.backup)).toHaveLength(1);
    expect(await expire(made)).toBe('deleted');
  });

  it('pins that cannot be read are pins', async () => {
    const made = await makeBackup(folder);
    await writeFile(join(folder, 'run-1.pinned'), '{');
    expect(await expire(made)).toEqual({ held: [expect.stringContaining('cannot be read')] });
  });

  it('a lease whose holder is dead runs out', async () => {
    const made = await makeBackup(folder);
    const until = new Date(Date.now() - 1).toISOString();
    await writeFile(
      join(folder, 'run-1.0123abcd.lease'),
      JSON.stringify({ by: 'a dead run', why: 'x', at: until, until }),
    );
    expect(await expire(made)).toBe('deleted');
  });

  it('whoever comes to read it while it is deleted is told, and reads nothing', async () => {
    const made = await makeBackup(folder);
    const late = () => leasing(made.backup, { by: 'run 3', why: 'a restore' }, async () => 'read');
    const removeCopies = () => expect(late()).rejects.toMatchObject({ code: 'backup-expires' });
    expect(await expire(made, removeCopies)).toBe('deleted');
  });

  it('when somebody reads and somebody deletes at the same moment, whoever began to read finds all of it', async () => {
    for (let round = 0; round < 40; round += 1) {
      const made = await makeBackup(folder, { bytes: 10 });
      const reading = leasing(made.backup, { by: 'run 2', why: 'a restore' }, async () => {
        // Whoever comes when all is over finds nothing, and begins nothing.
        if (!(await readManifest(made.backup.manifest))) return 'came after';
        await new Promise((resolve) => setTimeout(resolve, 5));
        return sha256Of(made.backup.path);
      });
      const wait = round % 2 ? Promise.resolve() : new Promise(setImmediate);
      const [read, done] = await Promise.allSettled([reading, wait.then(() => expire(made))]);
      expect(done).toMatchObject({ status: 'fulfilled' });
      // Whoever began found all of it; it may have been through before the other one looked.
      if (read.status === 'fulfilled') expect(['came after', made.backup.sha256]).toContain(read.value);
      else expect(read.reason).toMatchObject({ code: 'backup-expires' });
    }
  });
});

it('of two that delete at the same time one is told who the other is', async () => {
  const lock = join(folder, '.expiry.lock');
  const options = { waitMs: 0, busy: (pid: number) => expiryBusy(folder, `process ${pid}`) };
  await withLock(
    lock,
    () =>
      expect(withLock(lock, async () => undefined, options)).rejects.toMatchObject({
        code: 'expiry-busy',
        message: expect.stringContaining(String(process.pid)),
      }),
    options,
  );
  await expect(withLock(lock, async () => 'free again', options)).resolves.toBe('free again');
});

it('claim 2, with kills: at every moment after the first success there is a proved backup that is whole', async () => {
  const { retention } = await import('../../plan/retention.js');
  const seed = Number(process.env['LOCKKEEPER_SEED'] ?? 20_261_126);
  const random = randomFrom(seed);
  const stats = { taken: 0, failed: 0, expired: 0, kills: 0 };
  let time = Date.parse('2026-01-01T00:00:00Z');
  const assertProved = async () => {
    const proved = (await backupsIn(folder)).filter(({ provedAt }) => provedAt !== null);
    expect(proved.length).toBeGreaterThan(0);
    for (const { backup } of proved.slice(0, 1)) expect(await sha256Of(backup.path)).toBe(backup.sha256);
  };
  for (let day = 0; day < 60; day += 1) {
    time += 3_600_000 * (1 + Math.floor(random() * 72));
    const startedAt = new Date(time).toISOString();
    // Weeks in which nothing succeeds.
    const good = day === 0 || (day % 20 < 12 && random() < 0.6);
    stats[good ? 'taken' : 'failed'] += 1;
    const id = `day-${day}`;
    await makeBackup(folder, { id, startedAt, bytes: 500 });
    if (good) await writeFile(join(folder, `${id}.proved`), `${startedAt}\n`);
    const killed = await disk.killedAfter(Math.floor(random() * 25), async () => {
      for (const { manifestPath, manifest } of await unfinishedDeletions(folder))
        if (manifest) await expire({ backup: { manifest: manifestPath } as Made['backup'], manifest });
      const listed = await backupsIn(folder);
      const told = retention(
        listed.map(({ backup, provedAt }) => ({
          id: backup.id,
          startedAt: backup.startedAt,
          proved: provedAt !== null,
          held: [],
        })),
        { last: 2, weekly: 1 },
        { now: time },
      );
      if ('refused' in told) throw new Error(told.refused);
      for (const { id, reasons } of told.verdicts)
        if (!reasons.length) {
          await expire(listed.find(({ backup }) => backup.id === id)!);
          stats.expired += 1;
        }
    });
    if (killed) stats.kills += 1;
    await assertProved();
  }
  process.stderr.write(`retention under kills, seed ${seed}: ${JSON.stringify(stats)}\n`);
  expect(stats.kills).toBeGreaterThan(5);
  expect(stats.expired).toBeGreaterThan(10);
});
