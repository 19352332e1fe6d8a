import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastProven, type Proof } from '../domain/backup.js';
import { standingOf } from '../domain/backups-standing.js';
import { quietWork, SettingsHome } from '../../test/support/settings-home.js';
import { alarmOfBackups } from './backups-standing.js';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-26T12:00:00Z');
const proof = (changes: Partial<Proof> = {}): Proof => ({
  ...{ level: 'L3', at: '2026-11-26T00:00:00Z', run: 'r', ms: 1 },
  ...changes,
});
const backup = (id: string, hours: number, proofs: readonly Proof[]) => ({
  ...{ id, proofs },
  startedAt: new Date(now - hours * HOUR).toISOString(),
});

describe('the last time that a backup was proved', () => {
  it.each<[string, Proof[], boolean]>([
    ['never tried', [], false],
    ['only hashed', [proof({ level: 'L1' })], false],
    ['restored', [proof({ level: 'L1' }), proof()], true],
    ['restored, and could not be again', [proof(), proof({ failed: 'cut' })], false],
    ['damaged since', [proof(), proof({ level: 'L1', failed: 'not what was written' })], false],
    ['mended since', [proof({ failed: 'cut' }), proof()], true],
    ['its checks fail on the copy', [proof(), proof({ level: 'L4', failed: 'no orders' })], true],
  ])('%s', (_, proofs, holds) => expect(lastProven(proofs) !== undefined).toBe(holds));
});

describe('how the backups stand', () => {
  it('the newest proven one counts, whatever newer ones there are', () => {
    const all = [backup('new', 1, []), backup('proven', 30, [proof()]), backup('old', 90, [proof()])];
    expect(standingOf(all, 48, now)).toEqual({
      state: 'proven',
      says: 'the newest proven backup, proven, is 30 h 0 min old, and 48 h are allowed',
    });
    expect(standingOf(all, 24, now).state).toBe('overdue');
    expect(standingOf(all, undefined, now).state).toBe('proven');
  });

  it('none at all is an alarm only where one is asked for', () => {
    expect(standingOf([], 24, now)).toEqual({
      state: 'overdue',
      says: 'no backup was ever restored and compared, and 24 h are allowed',
    });
    expect(standingOf([], undefined, now).state).toBe('not proven');
  });
});

describe('the alarm of the watchdog', () => {
  let folder: SettingsHome;
  beforeEach(async () => {
    folder = await SettingsHome.make({
      backup: { alarmAfterHours: 24 },
      notify: [{ command: 'echo "$LOCKKEEPER_EVENT $LOCKKEEPER_TEXT" >> told' }],
    });
  });
  afterEach(() => folder.remove());

  const look = () => alarmOfBackups(folder.home, { target: 'shop', runId: 'watchdog-shop' }, quietWork());
  const told = async () => (await readFile(join(folder.folder, 'told'), 'utf8')).trim().split('\n');
  const mark = () => join(folder.folder, '.lockkeeper', 'alarms', 'shop.backups');

  it('is told once, and again after a day', async () => {
    expect(await look()).toMatchObject({ state: 'overdue', faults: [] });
    expect(await look()).toMatchObject({ state: 'overdue' });
    expect(await told()).toEqual([
      'backup-overdue shop: no backup was ever restored and compared, and 24 h are allowed',
    ]);
    const yesterday = new Date(Date.now() - 25 * HOUR);
    await utimes(mark(), yesterday, yesterday);
    await look();
    expect(await told()).toHaveLength(2);
  });

  it('begins anew when a backup was proved meanwhile', async () => {
    await look();
    const backups = join(folder.folder, '.lockkeeper', 'backups', 'shop');
    await mkdir(join(backups, 'b1.dump'), { recursive: true });
    const at = new Date().toISOString();
    const manifest = { id: 'b1', file: 'b1.dump', startedAt: at, finishedAt: at, contents: { tables: {} } };
    await writeFile(join(backups, 'b1.json'), JSON.stringify({ formatVersion: 1, ...manifest }));
    await writeFile(join(backups, 'b1.proved'), `${JSON.stringify(proof({ at }))}\n`);
    expect(await look()).toMatchObject({ state: 'proven', faults: [] });
    await expect(readFile(mark())).rejects.toThrow('ENOENT');
  });
});
