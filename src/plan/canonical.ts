import { createHash } from 'node:crypto';
import type { PlanContent } from '../domain/plan.js';

/**
 * The same text for the same content, in whatever order the keys were written: keys sorted, lists as they
 * are, undefined left out as JSON does.
 */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner)) ?? 'null';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * The hash that people approve: SHA-256 in hexadecimal of the canonical JSON, `planHash` itself left out, and how long
 * statements take, which is another each time that a table has grown.
 */
export function planHashOf(plan: PlanContent & { planHash?: string }): string {
  const { planHash: _, ...content } = plan;
  const findings = plan.findings.map(({ forecast: _forecast, ...finding }) => finding);
  return createHash('sha256')
    .update(canonical({ ...content, findings }))
    .digest('hex');
}
