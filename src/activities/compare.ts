import { together } from '../adapters/backup/together.js';
import { planChanged } from '../domain/problems/run.js';
import type { Marks, StepInput } from '../domain/steps.js';
import { count } from '../domain/units.js';
import { differences } from '../plan/differences.js';
import { factsToCompare } from './facts.js';
import { runningRelease } from './fetch-release.js';
import type { Home } from './home.js';
import { measureAll } from './measure.js';
import { assertInWindow, assertYoung } from './plan-age.js';
import { settingsOf } from './plan-settings.js';
import { readPlan } from './plans.js';
import type { Work } from './work.js';

/**
 * Right before the migration: what was approved is what runs. All that the plan was made of is read again and
 * compared, and what must be the same afterwards is measured. Changes nothing, so nothing has to be undone.
 *
 * @throws Problem `plan-changed` naming what differs, `plan-too-old`, `window-over`
 */
export async function compare(home: Home, input: StepInput, work: Work): Promise<Marks> {
  const target = home.target(input.target);
  assertYoung(target, input);
  const plan = await readPlan(target.config.state, input.planHash);
  assertInWindow(target, plan);
  const [running, facts] = await together(
    work.signal,
    (signal) => runningRelease(target, input.runId, { ...work, signal }),
    (signal) => factsToCompare(target, plan, { ...work, signal }),
  );
  const differ = differences({ ...plan, settings: settingsOf(plan) }, { ...facts, running });
  if (differ.length) throw planChanged(plan.planHash, differ);
  const measured = await measureAll(target, work.signal);
  const note = measured.length
    ? `the plan holds, ${count(measured.length, 'value')} measured`
    : 'the plan holds';
  return { measured, note };
}
