import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import { stateWord } from '../domain/page.js';
import type { PlanSummary } from '../domain/plan.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { statusOf } from '../domain/status.js';
import { recordQuery, statusQuery } from './messages.js';

/** What the query `plan` tells where there is no plan. The `temporal` CLI shows a bare null as if it were binary. */
interface NoPlan {
  planHash: null;
  says: string;
}

/** Answers what clients ask of a run, while it runs and afterwards: all of it is computed from the record. */
export function answerQueries(record: () => RunRecord): void {
  setHandler(recordQuery, record, { description: 'What has happened so far, as facts' });
  setHandler(defineQuery<PlanSummary | NoPlan>('plan'), () => planOf(record()) ?? noPlan(record()), {
    description: 'What would run: findings, backup, forecast, what a rollback loses',
  });
  setHandler(statusQuery, () => statusOf(record(), workflowInfo().taskQueue), {
    description: 'What it does, what it waits for, how things stand, and what can be done now',
  });
}

const noPlan = (record: RunRecord): NoPlan => ({
  planHash: null,
  says: `there is no plan; the run of ${record.target} is at: ${stateWord(record)}`,
});
