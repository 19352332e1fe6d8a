import { resolve } from 'node:path';
import { readFlag } from '../adapters/closure/flag.js';
import { closureText, overdue, type Flag } from '../domain/closure.js';
import { noClosure } from '../domain/problems/closure.js';
import { duration } from '../domain/units.js';
import type { Home, Target } from './home.js';

/** The settings of a closure with absolute paths. */
export interface ClosureSettings extends Omit<NonNullable<Target['settings']['closure']>, 'flag' | 'page'> {
  flag: string;
  page: string | null;
}

/** @throws Problem `no-closure` when the target has none */
export function closureSettings({ name, settings, config }: Target): ClosureSettings {
  const { closure } = settings;
  if (!closure) throw noClosure(name);
  return {
    ...closure,
    flag: resolve(config.folder, closure.flag),
    page: closure.page === undefined ? null : resolve(config.folder, closure.page),
  };
}

/** How one target's site stands, told by its flag file alone. */
export interface SiteStanding {
  target: string;
  path: string;
  flag: Flag;
  /** For people. */
  says: string;
  /** Milliseconds past the planned end; 0 when it is open or in time. */
  overdueMs: number;
}

/** The flag files of all targets that have one: needs no Temporal and no database. */
export async function closures(home: Home, now: number): Promise<SiteStanding[]> {
  const targets = Object.keys(home.config().targets).map((name) => home.target(name));
  const closing = targets.filter(({ settings }) => settings.closure);
  return Promise.all(closing.map((target) => standing(target, now)));
}

async function standing(target: Target, now: number): Promise<SiteStanding> {
  const { flag: path, minutes } = closureSettings(target);
  const flag = await readFlag(path);
  const known = { target: target.name, path, flag };
  switch (flag.is) {
    case 'absent':
      return { ...known, says: 'open', overdueMs: 0 };
    case 'closure':
      return { ...known, says: closureText(flag.closure, now), overdueMs: overdue(flag.closure, now) };
    case 'strange': {
      const age = flag.since === undefined ? Infinity : now - Date.parse(flag.since);
      const since = Number.isFinite(age) ? ` for ${duration(Math.max(0, age))}` : '';
      const says = `closed${since} by a file that Lockkeeper did not write (${flag.why}): ${path}`;
      return { ...known, says, overdueMs: Math.max(0, age - minutes * 60_000) };
    }
  }
}
