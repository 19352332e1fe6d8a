import { readFlag } from '../adapters/closure/flag.js';
import { closureText, overdue, type Flag } from '../domain/closure.js';
import { duration } from '../domain/units.js';
import { closureIfAny } from './closed-where.js';
import type { Home, Target } from './home.js';

/** How one target's site stands, told by its flag file alone. */
export interface SiteStanding {
  target: string;
  path: string;
  flag: Flag;
  /** For people. */
  says: string;
  /** Minutes after which it is told again when it is overdue. */
  alarmEveryMinutes: number;
  /** Milliseconds past the planned end; 0 when it is open or in time. */
  overdueMs: number;
}

/** The flag files of all targets that have one, or are closed by one that they had: needs no Temporal and no database. */
export async function closures(home: Home, now: number): Promise<SiteStanding[]> {
  const targets = Object.keys(home.config().targets).map((name) => home.target(name));
  const standings = await Promise.all(targets.map((target) => closureOf(target, now)));
  return standings.filter((each) => each !== null);
}

/** How one target's site stands; null when it has no flag file, and is not closed by one that it had. */
export async function closureOf(target: Target, now: number): Promise<SiteStanding | null> {
  const settings = await closureIfAny(target);
  if (!settings) return null;
  const { flag: path, minutes, alarmEveryMinutes } = settings;
  const flag = await readFlag(path);
  const known = { target: target.name, path, flag, alarmEveryMinutes };
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
