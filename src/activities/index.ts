import { alive } from './alive.js';
import { alone } from './alone.js';
import { backUp, forgetUnfinished } from './back-up.js';
import { checkRollback } from './check-rollback.js';
import { check } from './check.js';
import { compare } from './compare.js';
import { downgrade } from './downgrade.js';
import { fetchRelease } from './fetch-release.js';
import { health } from './health.js';
import type { Home } from './home.js';
import { nextWindow } from './next-window.js';
import { notify } from './notify.js';
import { readPage } from './read-page.js';
import { keep } from './records.js';
import { rehearsePlan } from './rehearse-plan.js';
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
import type { Closer } from '../domain/closure.js';
import type { RunRecord } from '../domain/record.js';
import type { RunInput } from '../domain/steps.js';
import { journalled } from './journal.js';
import type { Work } from './work.js';

/** By hand, and so beside a run: in a lane of its own. */
const laneOf = (input: RunInput): RunInput =>
  (input as Partial<Closer>).kind === 'hand' ? { ...input, target: `${input.target}.hand` } : input;

type Step<I, R> = (home: Home, input: I, work: Work) => Promise<R>;

async function keepRecord(home: Home, record: RunRecord): Promise<void> {
  await forgetUnfinished(home, record).catch(() => undefined); // the record is worth more
  await keep(home.config().state, record);
}

/** The steps as Temporal's activities: what they work with is put in here, once, by the worker. */
export function createActivities(home: Home, readSenders: ReadSenders) {
  const activity =
    <I extends RunInput, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((beating) =>
        alone(home, laneOf(input), beating, (work) =>
          journalled(home, step.name, input, work, () => step(home, input, work)),
        ),
      );
  /** For what lives beside the target's run, as the alarm of a closure does: it must not end a step of that. */
  const beside =
    <I, R>(step: Step<I, R>, options = {}) =>
    (input: I): Promise<R> =>
      alive((work) => step(home, input, work), options);
  return {
    fetchRelease: activity(fetchRelease),
    check: activity(check),
    checkRollback: activity(checkRollback),
    backUp: activity(backUp),
    rehearse: activity(rehearsePlan),
    restore: activity(restore),
    closeSite: activity(closeSite),
    openSite: activity(openSite),
    writersQuiet: activity(writersQuiet),
    leftBehind: activity(leftBehind),
    takeOver: activity(takeOver),
    watchClosure: beside(watchClosure, { endsWithWorker: true }),
    nextWindow: activity(nextWindow),
    notify: beside(notify),
    whoSent: activity(whoSent(readSenders)),
    compare: activity(compare),
    upgrade: activity(upgrade),
    settle: activity(settle),
    downgrade: activity(downgrade),
    verify: activity(verify),
    startRelease: activity(startRelease),
    health: activity(health),
    readPage: beside(readPage),
    keepRecord: activity(keepRecord),
  };
}

export type Activities = ReturnType<typeof createActivities>;
