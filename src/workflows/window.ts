import { sleep } from '@temporalio/workflow';
import type { PlanSummary } from '../domain/plan.js';
import type { Noted } from '../domain/steps.js';
import type { Run } from './run.js';
import { nextWindow } from './steps.js';

/** Waits until a change of this risk may begin. Where there are no windows it does not wait. */
export async function window(run: Run, plan: PlanSummary): Promise<Noted> {
  const { waitMs, note } = await nextWindow({ ...run.for(plan), risk: plan.risk });
  if (waitMs > 0) await sleep(waitMs, { summary: note });
  return { note };
}
