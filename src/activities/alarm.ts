import { readFile, rm } from 'node:fs/promises';
import { writeAtomically } from '../adapters/disk.js';
import { handOf } from '../domain/closure.js';
import type { SiteStanding } from './closures.js';
import type { Home } from './home.js';
import { tell } from './notify.js';
import type { Work } from './work.js';

/** When a closure was sounded last. `closure`: which one, because the next begins anew. */
interface Sounded {
  closure: string;
  at: string;
}

/** What this process has sounded: for flag folders that it may not write to. */
const remembered = new Map<string, Sounded>();

const besideFlag = ({ path }: SiteStanding): string => `${path}.sounded`;

/**
 * Tells those whom `notify` names of a closure that lasts longer than planned: once, and again every
 * `closure.alarmEveryMinutes`. When it did is kept beside the flag, so that a watchdog that a timer starts knows. Where
 * that cannot be written each start tells: rather too often.
 *
 * @returns who could not be told, in words
 */
export async function alarm(
  home: Home,
  site: SiteStanding,
  now: number,
  work: Work,
): Promise<readonly string[]> {
  const closure = closureOf(site);
  const last = await lastSounded(site);
  const again = last?.closure === closure && now - Date.parse(last.at) < site.alarmEveryMinutes * 60_000;
  if (again) return [];
  const target = home.target(site.target);
  const runId = site.flag.is === 'closure' ? site.flag.closure.runId : handOf(site.target, '').runId;
  const text = `the site of ${site.target} is closed for longer than planned: ${site.says}`;
  const input = { target: site.target, runId, event: 'closure-overdue' as const, text };
  const { faults } = await tell(target, input, work);
  const sounded = { closure, at: new Date(now).toISOString() };
  remembered.set(site.path, sounded);
  await writeAtomically(besideFlag(site), JSON.stringify(sounded), 0o644).catch(() => undefined);
  return faults;
}

/** The site is open, or in time again. */
export async function alarmOver(site: SiteStanding): Promise<void> {
  remembered.delete(site.path);
  await rm(besideFlag(site), { force: true }).catch(() => undefined);
}

const closureOf = ({ flag }: SiteStanding): string => {
  if (flag.is === 'closure') return `${flag.closure.runId} ${flag.closure.since} ${flag.closure.deadline}`;
  return flag.is === 'strange' ? `strange ${flag.since ?? ''}` : '';
};

async function lastSounded(site: SiteStanding): Promise<Sounded | undefined> {
  try {
    return JSON.parse(await readFile(besideFlag(site), 'utf8')) as Sounded;
  } catch {
    return remembered.get(site.path);
  }
}
