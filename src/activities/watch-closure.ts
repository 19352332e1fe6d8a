import { setTimeout as sleep } from 'node:timers/promises';
import { closureOf } from './closures.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

/** The site is open, or closed for longer than planned. */
export type Watched = { is: 'open' } | { is: 'overdue'; says: string };

/** How often the flag file is looked at. */
const LOOK_EVERY_MS = 1_000;

/**
 * Watches a closure until the site is open, or until an alarm is due: when the planned end has passed, and then
 * again every `closure.alarmEveryMinutes`. The planned end is read from the flag file each time.
 *
 * @param input.alarmedAt - when the last alarm was sounded: ISO 8601
 */
export async function watchClosure(
  home: Home,
  { target, alarmedAt }: { target: string; alarmedAt?: string },
  work: Work,
): Promise<Watched> {
  for (;;) {
    const now = Date.now();
    const site = await closureOf(home.target(target), now);
    if (!site || site.flag.is === 'absent') return { is: 'open' };
    const every = site.alarmEveryMinutes * 60_000;
    const again = alarmedAt === undefined || now - Date.parse(alarmedAt) >= every;
    if (site.overdueMs > 0 && again) return { is: 'overdue', says: site.says };
    work.progress(site.says);
    await sleep(LOOK_EVERY_MS, undefined, { signal: work.signal });
  }
}
