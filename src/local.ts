/**
 * The steps that also work without Temporal, for the commands that only look: the same functions as the
 * workflows' activities, called directly. What brings tools with it (PostgreSQL, processes, the parser of SQL) is
 * loaded when it is called: a command that only talks with a run starts in two thirds of the time.
 */
export { closureOf, closures, type SiteStanding } from './activities/closures.js';
export { closureSettings, peersOf, snippetSettings } from './activities/closure-settings.js';
export { homeAt, type Home, type Target } from './activities/home.js';
export { migratesItself } from './activities/running-files.js';
export { readPlan } from './activities/plans.js';
export { recordsOf } from './activities/records.js';
export type { Work } from './activities/work.js';

const late =
  <A extends unknown[], R>(load: () => Promise<(...args: A) => Promise<R>>) =>
  async (...args: A): Promise<R> =>
    (await load())(...args);

export const planOffline = late(async () => (await import('./activities/check-offline.js')).planOffline);
export const policyOf = late(async () => (await import('./activities/policy.js')).policyOf);
export const composeStanding = late(
  async () => (await import('./activities/compose/look.js')).composeStanding,
);
export const planFor = late(async () => (await import('./activities/check.js')).planFor);
export const runningRelease = late(
  async () => (await import('./activities/fetch-release.js')).runningRelease,
);
export const fetchRelease = late(async () => (await import('./activities/fetch-release.js')).fetchRelease);
export const alarm = late(async () => (await import('./activities/alarm.js')).alarm);
export const alarmOver = late(async () => (await import('./activities/alarm.js')).alarmOver);
export const closeSite = late(async () => (await import('./activities/close-site.js')).closeSite);
export const openSite = late(async () => (await import('./activities/open-site.js')).openSite);
const switching = () => import('./activities/site-switch.js');
export const unseen = late(async () => (await switching()).unseen);
export const untilHealthy = late(async () => (await import('./activities/health.js')).untilHealthy);
export const watchDatabase = late(async () => (await import('./activities/watch-database.js')).watchDatabase);
const looking = () => import('./activities/look-at-backups.js');
export type { KnownBackup, StoredCopy } from './activities/look-at-backups.js';
export type { Expired, Judged } from './activities/expire.js';
export const knownBackups = late(async () => (await looking()).knownBackups);
export const knownBackup = late(async () => (await looking()).knownBackup);
export const pinBackup = late(async () => (await looking()).pinBackup);
export const unpinBackup = late(async () => (await looking()).unpinBackup);
export const storedCopies = late(async () => (await looking()).storedCopies);
export const fetchBackup = late(async () => (await looking()).fetchBackup);
export const judgeBackups = late(async () => (await import('./activities/expire.js')).judgeBackups);
export const expireBackups = late(async () => (await import('./activities/expire.js')).expireBackups);
export const exportBackup = late(async () => (await import('./activities/export-backup.js')).exportBackup);
export const recheckCopies = late(async () => (await import('./activities/keep-copies.js')).recheckCopies);
export const backupsOf = late(async () => (await import('./activities/backups.js')).backupsOf);
export const alarmOfBackups = late(
  async () => (await import('./activities/backups-standing.js')).alarmOfBackups,
);
const keepsakes = () => import('./activities/look-at-keepsakes.js');
export const keepsakesOf = late(async () => (await keepsakes()).keepsakesOf);
export const letKeepsakeGo = late(async () => (await keepsakes()).letKeepsakeGo);
export const keepsakesDueText = late(
  async () => (await import('./activities/keepsakes-due.js')).keepsakesDueText,
);
export const besidesOf = late(async () => (await import('./activities/restore-list.js')).besidesOf);
export const lostOf = late(async () => (await import('./activities/restore-list.js')).lostOf);
export const dropBeside = late(async () => (await import('./activities/restore-list.js')).dropBeside);
export const applyRows = late(async () => (await import('./activities/restore-apply.js')).applyRows);
export const restoreTo = late(async () => (await import('./activities/restore-to.js')).restoreTo);
const stopping = () => import('./activities/emergency-stop.js');
export const inEmergency = late(async () => (await stopping()).inEmergency);
export const closeNow = late(async () => (await stopping()).closeNow);
export const stopWriters = late(async () => (await stopping()).stopWriters);
export const stopApplication = late(async () => (await stopping()).stopApplication);
export const endTools = late(async () => (await import('./activities/keep-off.js')).endTools);
export const isKeptOff = late(async () => (await import('./activities/by-hand-mark.js')).isKeptOff);
export const letGoOn = late(async () => (await import('./activities/by-hand-mark.js')).letGoOn);
export const keepOff = late(async () => (await import('./activities/keep-off.js')).keepOff);
export const revisionsNow = late(async () => (await import('./activities/look.js')).revisionsNow);
export const writeRecovery = late(async () => (await import('./activities/recovery.js')).writeRecovery);
export const lookAt = late(async () => (await import('./activities/look.js')).lookAt);
export const lastLog = late(async () => (await import('./activities/last-log.js')).lastLog);
export const explainRun = late(async () => (await import('./activities/hand.js')).explainRun);
export type { ChangeProof } from './activities/old-code/now.js';
const oldCode = () => import('./activities/old-code/now.js');
export const proveNow = late(async () => (await oldCode()).proveNow);
export const proofsOf = late(async () => (await oldCode()).proofsOf);
export type { WrittenPhases } from './activities/phases-new.js';
export const newPhases = late(async () => (await import('./activities/phases-new.js')).newPhases);
const reportedPhases = () => import('./activities/phased/reported.js');
export const reportedRuns = late(async () => (await reportedPhases()).reportedRuns);
export const changesOf = late(async () => (await import('./activities/phased/notes.js')).notesOf);
