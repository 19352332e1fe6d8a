import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PlanSummary } from '../domain/plan.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { statusOf, type RunStatus } from '../domain/status.js';

/** Answers what clients ask of a run, while it runs and afterwards: all of it is computed from the record. */
export function answerQueries(record: () => RunRecord): void {
  setHandler(defineQuery<RunRecord>('record'), record, { description: 'What has happened so far, as facts' });
  setHandler(defineQuery<PlanSummary | null>('plan'), () => planOf(record()) ?? null, {
    description: 'What would run: findings, backup, forecast, what a rollback loses; null before the check',
  });
  setHandler(defineQuery<RunStatus>('status'), () => statusOf(record(), workflowInfo().taskQueue), {
    description: 'What it does, what it waits for, how things stand, and what can be done now',
  });
}
