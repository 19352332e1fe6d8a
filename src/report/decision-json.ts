import type { Plan } from '../domain/plan.js';
import { askedOf } from '../domain/asked.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { statusOf } from '../domain/status.js';

/**
 * What waits for a decision, for machines. Fields are only ever added; a change of meaning raises
 * `schemaVersion`.
 *
 * @param plan - the whole plan; in words why it is not there, and then the summary must do
 */
export function decisionJson(record: RunRecord, plan: Plan | string, taskQueue: string) {
  const { backup, forecast, ...summary } = planOf(record) ?? {};
  return {
    schemaVersion: 1 as const,
    target: record.target,
    asked: askedOf(record) ?? null,
    plan: typeof plan === 'string' ? null : plan,
    ...(typeof plan === 'string' ? { planMissing: plan, summary } : {}),
    backup: backup ?? null,
    forecast: forecast ?? null,
    status: statusOf(record, taskQueue),
  };
}
