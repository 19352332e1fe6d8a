/**
 * The steps that also work without Temporal, for the commands that only look: the same functions as the
 * workflows' activities, called directly.
 */
export { planFor } from './activities/check.js';
export { runningRelease } from './activities/fetch-release.js';
export { fetchRelease } from './activities/fetch-release.js';
export { alarm, alarmOver } from './activities/alarm.js';
export { closeSite } from './activities/close-site.js';
export { closureOf, closures, type SiteStanding } from './activities/closures.js';
export { openSite } from './activities/open-site.js';
export { untilHealthy } from './activities/health.js';
export { backupsOf } from './activities/backups.js';
export { homeAt, type Home, type Target } from './activities/home.js';
export { readPlan } from './activities/plans.js';
export { recordsOf } from './activities/records.js';
export type { Work } from './activities/work.js';
