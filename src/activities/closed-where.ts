import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readFlag } from '../adapters/closure/flag.js';
import { writeAtomically } from '../adapters/disk.js';
import { closureSettings, type ClosureSettings } from './closure-settings.js';
import type { Target } from './home.js';

const pathOf = ({ config, name }: Target): string => join(config.state, 'closed', `${name}.json`);

/** Keeps how a site is closed, before it is: its settings may be others by the time it is opened. */
export const keepClosedWhere = (target: Target, settings: ClosureSettings): Promise<void> =>
  writeAtomically(pathOf(target), JSON.stringify(settings));

export const forgetClosedWhere = (target: Target): Promise<void> => rm(pathOf(target), { force: true });

const BEFORE: Pick<ClosureSettings, 'scope' | 'switch'> = {
  scope: 'site',
  switch: { close: [], open: [] },
};

/** How the site was closed that is closed still; null when that is not known, or it is open. */
async function closedWhere(target: Target): Promise<ClosureSettings | null> {
  const text = await readFile(pathOf(target), 'utf8').catch(() => null);
  if (text === null) return null;
  // An earlier version kept neither scope nor commands of a switch, and no page where none was set.
  const read = JSON.parse(text) as Omit<ClosureSettings, 'page'> & { page: string | null };
  const kept = { ...BEFORE, ...read, page: read.page ?? `${read.flag}.html` };
  return (await readFlag(kept.flag)).is === 'absent' ? null : kept;
}

/**
 * The settings to close and open by. What is closed is opened where it was closed, even when `closure` leads
 * elsewhere by now, or is gone; its commands are those of now, because a wrong one may have been corrected.
 *
 * @throws Problem `no-closure` when there are none, and nothing is closed
 */
export const closureInForce = async (target: Target): Promise<ClosureSettings> =>
  (await closureIfAny(target)) ?? closureSettings(target);

/** The same; null when there are none, and nothing is closed. */
export async function closureIfAny(target: Target): Promise<ClosureSettings | null> {
  const now = target.settings.closure ? closureSettings(target) : null;
  const kept = await closedWhere(target);
  return kept ? { ...(now ?? kept), flag: kept.flag, page: kept.page } : now;
}
