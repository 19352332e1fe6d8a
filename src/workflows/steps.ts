import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';

/**
 * As long as the database or the build is large: the heartbeat, not the time-out, tells that a worker died.
 * 20 seconds are four missed beats. Waits for the cancelled tool to stop, so that no undo starts beneath a
 * step that still runs.
 */
const long = {
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '20 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
} satisfies ActivityOptions;

/** Puts back what nothing else can: a server that recovers from a crash is waited for, about five minutes. */
const patient = {
  ...long,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 15 },
} satisfies ActivityOptions;

/** Seconds of work: a lost connection is worth a few tries. */
const quick = {
  ...long,
  retry: { initialInterval: '1 second', maximumAttempts: 4 },
} satisfies ActivityOptions;

/**
 * Never tried again by Temporal: whether a half-done migration may be repeated is found out by `settle`, not
 * guessed. The longer heartbeat time-out spares it a false alarm when the machine is busy.
 */
const once = {
  ...long,
  heartbeatTimeout: '30 seconds',
  retry: { maximumAttempts: 1 },
} satisfies ActivityOptions;

/** Tried until it works: the record must not be lost. An hour is a full disk that somebody empties. */
const always = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
} satisfies ActivityOptions;

/** A look at a file: whoever asks sits there and waits. */
const look = { startToCloseTimeout: '10 seconds', retry: { maximumAttempts: 2 } } satisfies ActivityOptions;

const proxy = (options: ActivityOptions, summary: string) =>
  proxyActivities<Activities>({ ...options, summary });

export const { fetchRelease } = proxy(long, 'fetch release');
export const { check } = proxy(quick, 'check: what would run, and how dangerous it is');
export const { checkRollback } = proxy(quick, 'check: what going back would lose');
export const { checkFix } = proxy(quick, 'check: where has a run left the database?');
export const { checkRestore } = proxy(long, 'check: what the restore would lose');
export const { proveBackup } = proxy(long, 'prove the backup: restore it beside, compare');
export const { makePoint } = proxy(long, 'restore it beside, for people to look into');
export const { applyTables } = proxy(long, 'put rows back: in one transaction');
export const { swapIn } = proxy(long, 'swap: the restored database takes the name');
export const { swapBack } = proxy(patient, 'put the database back: swap again');
export const { verifyRestored } = proxy(long, 'verify: is it what was backed up?');
export const { backUp } = proxy(long, 'back up');
export const { rehearse } = proxy(long, 'rehearse: the plan on a copy, forward, back, forward');
export const { hashBackup } = proxy(long, 'prove: is each file what was written?');
export const { readBackup } = proxy(long, 'prove: read to the end');
export const { proveOnCopy } = proxy(long, 'prove: restore into a scratch database, compare');
export const { letBackupsGo } = proxy(long, 'delete the backups that backup.keep lets go');
export const { backupsStanding } = proxy(quick, 'how old is the last proven backup?');
export const { nextWindow } = proxy(quick, 'when may it begin?');
/** As long as the site is closed: a worker that dies is followed by the next one. */
export const { watchClosure } = proxy(
  {
    ...long,
    startToCloseTimeout: '30 days',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  },
  'watch: until the site is open',
);
export const { leftBehind } = proxy(quick, 'has an earlier run left something behind?');
export const { takeOver } = proxy(quick, 'take over the closed site');
export const { whoSent } = proxy(quick, 'who sent the messages?');
export const { notify } = proxy({ ...quick, retry: { maximumAttempts: 1 } }, 'tell people');
export const { closeSite } = proxy(long, 'maintenance on: close the site, stop the writers');
export const { writersQuiet } = proxy(quick, 'has anybody written since?');
export const { openSite } = proxy(
  { ...long, retry: { initialInterval: '2 seconds', maximumInterval: '30 seconds' } },
  'maintenance off: open the site',
);
export const { restore } = proxy(patient, 'put the database back: restore beside, compare, swap');
export const { keepWhatGoes } = proxy(long, 'keepsakes: copy what the plan takes');
export const { keepTheRest } = proxy(long, 'keepsakes: the rest, while nobody writes');
export const { putKeepsakesBack } = proxy(patient, 'put keepsakes back');
export const { letKeepsakesGo } = proxy(patient, 'let keepsakes go');
export const { compare } = proxy(quick, 'compare: does the plan still hold?');
export const { upgrade } = proxy(once, 'migrate: alembic upgrade');
export const { settle } = proxy(
  { ...long, retry: { initialInterval: '2 seconds', maximumInterval: '30 seconds' } },
  'settle: where does the database stand?',
);
export const { downgrade } = proxy(once, 'put the schema back: alembic downgrade');
export const { verify } = proxy(long, 'verify');
export const { startRelease } = proxy(long, 'deploy');
export const { health } = proxy(long, 'health');
export const { beginBackfill } = proxy(quick, 'look at the table, try the statements');
/** Batches for a while. Whatever ended the one before, the next goes on where the database says that it was. */
export const { workOnBackfill } = proxy(
  {
    ...long,
    startToCloseTimeout: '10 minutes',
    // About an hour: a server that is away for longer is a person's to look at.
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 120 },
  },
  'change rows, batch by batch',
);
export const { beginPhases } = proxy(long, 'find out what belongs to the change');
export const { lookAtPhase } = proxy(long, 'is all as it was left?');
export const { proveNoOldCode } = proxy(quick, 'is old code left?');
export const { noteStatements } = proxy(quick, 'note which statements ran until now');
export const { forgetFills } = proxy(quick, 'take away what backfills have noted');
export const { keepPhases } = proxy(always, 'keep how the change stands');
export const { readPage } = proxy(look, 'read a page');
export const { keepRecord } = proxy(always, 'keep the record');
