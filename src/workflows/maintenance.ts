import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { BY_HAND } from '../domain/closure.js';
import { badRequest } from '../domain/problems/run.js';
import { alarmIdOf, maintenanceKeys, type MaintenanceRequest } from '../domain/requests.js';
import { Alarm } from './alarm.js';
import { assertWorkflowId, failWith } from './failures.js';
import { wellFormed } from './requests.js';
import { watchClosure } from './steps.js';

/**
 * Closes a site by hand, and watches a closure, its own or a run's: sounds an alarm when it lasts longer than
 * planned, again and again, until the site is open. Lives beside the target's run, and longer than one that is
 * terminated.
 *
 * @returns how often it had to sound the alarm
 */
export async function maintenance(request?: MaintenanceRequest): Promise<{ site: 'open'; alarms: number }> {
  const { target, ...asked } = wellFormed(request, maintenanceKeys);
  assertWorkflowId(alarmIdOf(target), `the maintenance of ${target}`);
  const alarm = new Alarm(target);
  if (!asked.watch) {
    const { requestedBy, reason = BY_HAND, minutes } = asked;
    if (!requestedBy) throw failWith(badRequest('"requestedBy" is missing: say who closes the site'));
    await alarm.close(requestedBy, reason, minutes);
  }
  for (let alarmedAt: string | undefined; ;) {
    const seen = await watchClosure({ target, ...(alarmedAt ? { alarmedAt } : {}) });
    if (seen.is === 'open') break;
    alarmedAt = new Date().toISOString();
    await alarm.sound(seen.says);
    if (!workflowInfo().continueAsNewSuggested) continue;
    await condition(allHandlersFinished);
    await continueAsNew<typeof maintenance>({ target, watch: true });
  }
  await condition(allHandlersFinished);
  return alarm.ended();
}
