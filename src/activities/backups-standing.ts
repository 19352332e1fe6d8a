import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BackupsStanding, standingOf } from '../domain/backups-standing.js';
import type { RunInput } from '../domain/steps.js';
import { backupsOf } from './backups.js';
import type { Home } from './home.js';
import { keepsakesEnding } from './look-at-keepsakes.js';
import { tell } from './notify.js';
import type { Work } from './work.js';

/** The same, with what is kept and soon to go, for who ends a scheduled run. */
export async function backupsAndKeepsakesStanding(
  home: Home,
  input: RunInput,
  work: Work,
): Promise<BackupsStanding & { keepsakes?: string }> {
  const standing = await backupsStanding(home, input);
  // A database that is down is told of by what needs it.
  const keepsakes = await keepsakesEnding(home.target(input.target), work).catch(() => undefined);
  return { ...standing, ...(keepsakes === undefined ? {} : { keepsakes }) };
}

/** How old the newest proven backup of a target is, against what is allowed. Looks at files only. */
export async function backupsStanding(home: Home, input: RunInput): Promise<BackupsStanding> {
  const target = home.target(input.target);
  const listed = await backupsOf(target);
  const all = listed.map(({ backup: { id, startedAt }, proofs }) => ({ id, startedAt, proofs }));
  return standingOf(all, target.settings.backup.alarmAfterHours, Date.now());
}

/** Told again after so long: who has not seen it for a day is not looking where it was told. */
const AGAIN_MS = 24 * 3_600_000;

/**
 * The same, for `lockkeeper watchdog`: tells those whom `notify` names when it is too old, once and again every day.
 * When it did is the time of a file in the state folder, so that a watchdog that a timer starts knows.
 *
 * @returns besides, who could not be told, in words
 */
export async function alarmOfBackups(
  home: Home,
  input: RunInput,
  work: Work,
): Promise<BackupsStanding & { faults: readonly string[] }> {
  const target = home.target(input.target);
  const standing = await backupsStanding(home, input);
  const sounded = join(target.config.state, 'alarms', `${target.name}.backups`);
  if (standing.state !== 'overdue') {
    await rm(sounded, { force: true });
    return { ...standing, faults: [] };
  }
  const last = await stat(sounded).catch(() => undefined);
  if (last && Date.now() - last.mtimeMs < AGAIN_MS) return { ...standing, faults: [] };
  const text = `${target.name}: ${standing.says}`;
  const { faults } = await tell(target, { ...input, event: 'backup-overdue', text }, work);
  await mkdir(dirname(sounded), { recursive: true, mode: 0o700 });
  await writeFile(sounded, text, { mode: 0o600 });
  return { ...standing, faults };
}
