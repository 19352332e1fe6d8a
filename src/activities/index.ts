import { activitiesAt } from './as-activity.js';
import { backUp, type BackUpInput } from './back-up.js';
import { checkRestore } from './restore-check.js';
import { applyTables } from './restore-only.js';
import { makePoint } from './restore-point.js';
import { proveBackup } from './restore-prove.js';
import { swapBack, swapIn } from './restore-swap.js';
import { verifyRestored } from './restore-verify.js';
import { backupsAndKeepsakesStanding } from './backups-standing.js';
import { hashBackup, proveOnCopy, readBackup } from './prove.js';
import { checkFix } from './check-fix.js';
import { checkRollback } from './check-rollback.js';
import { check } from './check.js';
import { compare } from './compare.js';
import { downgrade } from './downgrade.js';
import { fetchRelease } from './fetch-release.js';
import { health } from './health.js';
import { letBackupsGo } from './let-backups-go.js';
import type { Home } from './home.js';
import { keepTheRest, keepWhatGoes, letKeepsakesGo, putKeepsakesBack } from './keepsakes.js';
import { noteStatements } from './old-code/note.js';
import { proveNoOldCode } from './old-code/prove.js';
import { keepRecord } from './keep-record.js';
import { nextWindow } from './next-window.js';
import { notify } from './notify.js';
import { readPage } from './read-page.js';
import { rehearsePlan } from './rehearse-plan.js';
import { beginBackfill, workOnBackfill } from './backfill/work-on.js';
import { beginPhases } from './phased/begin.js';
import { forgetFills } from './phased/forget.js';
import { keepPhases } from './phased/keep.js';
import { lookAtPhase } from './phased/look.js';
import { closeSite } from './close-site.js';
import { openSite } from './open-site.js';
import { leftBehind, takeOver } from './left-behind.js';
import { watchClosure } from './watch-closure.js';
import { restore } from './restore.js';
import { writersQuiet } from './writers-quiet.js';
import { settle } from './settle.js';
import { startRelease } from './start-release.js';
import { upgrade } from './upgrade.js';
import { verify } from './verify.js';
import { whoSent, type ReadSenders } from './who-sent.js';

/** The steps as Temporal's activities: what they work with is put in here, once, by the worker. */
export function createActivities(home: Home, readSenders: ReadSenders) {
  const { activity, first, beside, watching } = activitiesAt(home);
  return {
    ...restoring(home),
    ...keeping(home),
    fetchRelease: first(fetchRelease),
    check: activity(check),
    checkRollback: first(checkRollback),
    checkFix: first(checkFix),
    backUp: (input: BackUpInput) => (input.planHash ? activity : first)(backUp)(input),
    hashBackup: first(hashBackup),
    readBackup: activity(readBackup),
    proveOnCopy: activity(proveOnCopy),
    letBackupsGo: first(letBackupsGo),
    backupsStanding: beside(backupsAndKeepsakesStanding),
    rehearse: activity(rehearsePlan),
    restore: activity(restore),
    closeSite: activity(closeSite),
    openSite: activity(openSite),
    writersQuiet: activity(writersQuiet),
    leftBehind: first(leftBehind),
    takeOver: activity(takeOver),
    watchClosure: watching(watchClosure),
    nextWindow: activity(nextWindow),
    notify: beside(notify),
    whoSent: beside(whoSent(readSenders)),
    compare: activity(compare),
    upgrade: activity(upgrade),
    settle: activity(settle),
    downgrade: activity(downgrade),
    verify: activity(verify),
    startRelease: activity(startRelease),
    health: activity(health),
    readPage: beside(readPage),
    beginBackfill: beside(beginBackfill),
    workOnBackfill: watching(workOnBackfill),
    keepRecord: activity(keepRecord),
    ...inPhases(home),
  };
}

/** Of a change in phases, beside the runs that do its phases. */
function inPhases(home: Home) {
  const { beside } = activitiesAt(home);
  return {
    beginPhases: beside(beginPhases),
    lookAtPhase: beside(lookAtPhase),
    keepPhases: beside(keepPhases),
    forgetFills: beside(forgetFills),
    proveNoOldCode: beside(proveNoOldCode),
    noteStatements: beside(noteStatements),
  };
}

/** What a change takes, kept and put back. */
function keeping(home: Home) {
  const { activity } = activitiesAt(home);
  return {
    keepWhatGoes: activity(keepWhatGoes),
    keepTheRest: activity(keepTheRest),
    putKeepsakesBack: activity(putKeepsakesBack),
    letKeepsakesGo: activity(letKeepsakesGo),
  };
}

/** The steps of a restore. */
function restoring(home: Home) {
  const { activity, first } = activitiesAt(home);
  return {
    checkRestore: first(checkRestore),
    makePoint: first(makePoint),
    proveBackup: activity(proveBackup),
    applyTables: activity(applyTables),
    swapIn: activity(swapIn),
    swapBack: activity(swapBack),
    verifyRestored: activity(verifyRestored),
  };
}

export type Activities = ReturnType<typeof createActivities>;
