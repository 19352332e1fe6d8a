import type { Verdict } from '../domain/gate.js';
import { rulesFrom, type GateSettings } from '../domain/gate-settings.js';
import type { PlanSummary } from '../domain/plan.js';
import { endedByPerson, nobodyDecided, rejectedByPerson } from '../domain/problems/people.js';
import type { DeployRequest } from '../domain/requests.js';
import type { Noted } from '../domain/steps.js';
import { failWith } from './failures.js';
import type { Run } from './run.js';

const MINUTE_MS = 60_000;
/** Stands on the timeline, where everybody lands who opens the run in the Web UI. */
const WAITING = 'waiting for a decision: User Metadata says what, and how';

/** What people decided: go on with the migration, or without it. */
export interface Decided extends Noted {
  migrate: boolean;
}

/**
 * The gate: waits until enough people have approved this very plan, or one has rejected it. Silence until the
 * deadline ends the run; nothing was changed by then. Who really sent what, as far as Temporal knows, is noted
 * beside who was named.
 *
 * @throws ApplicationFailure `rejected`, `ended-by-person`, `expired`
 */
export async function approval(
  run: Run,
  plan: PlanSummary,
  request: Pick<DeployRequest, 'migrate' | 'requestedBy'>,
): Promise<Decided> {
  const { gate } = plan;
  const manual = request.migrate === 'manual';
  const until = new Date(Date.now() + gate.deadlineMinutes * MINUTE_MS).toISOString();
  run.people.ask(plan.planHash, rulesFrom(gate, request.requestedBy ?? '', manual));
  const verdict = await run.whileWaiting(async () => {
    run.note({ kind: 'asked', planHash: plan.planHash, approvals: gate.approvals, manual, until });
    return decision(run, gate, until);
  });
  run.people.close();
  await run.people.noteSenders();

  if (verdict === 'approved') return { migrate: true, note: 'approved' };
  if (verdict === 'skip') return { migrate: false, note: 'the migration is skipped' };
  if (verdict === 'end') throw failWith(endedByPerson(run.target));
  throw failWith(
    verdict === 'rejected' ? rejectedByPerson(run.target) : nobodyDecided(run.target, gate.deadlineMinutes),
  );
}

/** Who asks for a restore: all that the gate wants to know of it. */
export const asking = ({ requestedBy }: { requestedBy?: string }): { requestedBy?: string } =>
  requestedBy === undefined ? {} : { requestedBy };

/** Tells people, reminds them once, and waits until the deadline. */
async function decision(run: Run, gate: GateSettings, until: string): Promise<Verdict | undefined> {
  const { deadlineMinutes, reminderMinutes } = gate;
  await run.tell('gate-open', `a plan waits for a decision until ${until}`);
  const quietMs = (deadlineMinutes - reminderMinutes) * MINUTE_MS;
  const verdict = await run.people.verdict(quietMs, WAITING);
  if (verdict) return verdict;
  run.note({ kind: 'reminded' });
  await run.tell('reminder', `a plan still waits, until ${until}`);
  return run.people.verdict(reminderMinutes * MINUTE_MS, `reminded; ${WAITING}`);
}
