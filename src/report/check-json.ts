import type { Plan } from '../domain/plan.js';

/** A check for machines. Fields are only ever added; a change of meaning raises `schemaVersion`. */
export const checkJson = (plan: Plan) => ({
  schemaVersion: 1 as const,
  target: plan.target,
  release: plan.release,
  planHash: plan.planHash,
  risk: plan.risk,
  procedure: plan.procedure,
  coverage: plan.coverage,
  approvals: plan.gate.approvals,
  notAutomatic: plan.gate.notAutomatic ?? [],
  findings: plan.findings,
  revisions: plan.revisions.map(({ revision, file, risk }) => ({
    revision,
    file,
    risk,
    direction: 'upgrade' as const,
  })),
});
