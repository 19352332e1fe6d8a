import type { Finding, Plan } from '../domain/plan.js';
import { verdictOn, type FileVerdict, type Offline } from '../domain/verdict.js';

/** A check for machines, see docs/check-json.md. Fields are only ever added; a change of meaning raises `schemaVersion`. */
export const checkJson = (plan: Plan, offline?: Offline) => ({
  schemaVersion: 1 as const,
  target: plan.target,
  release: plan.release,
  running: plan.running,
  images: plan.images ?? [],
  ...(offline ? { offline } : { planHash: plan.planHash }),
  risk: plan.risk,
  procedure: plan.procedure,
  coverage: plan.coverage,
  approvals: plan.gate.approvals,
  notAutomatic: plan.gate.notAutomatic ?? [],
  findings: plan.findings,
  phase: plan.phase ?? null,
  transactions: { perRevision: plan.transactionPerMigration, heldThrough: plan.heldThrough ?? [] },
  revisions: plan.revisions.map(({ revision, file, risk, phase = null }) => ({
    revision,
    file,
    risk,
    phase,
    direction: 'upgrade' as const,
  })),
});

/** The same of files of SQL: a finding stands in its file's entry, and once more among all. */
export function checkSqlJson(files: readonly FileVerdict[]) {
  const { risk, procedure, coverage, findings } = verdictOn(files);
  return {
    schemaVersion: 1 as const,
    ...{ risk, procedure, coverage, findings },
    revisions: [] as readonly never[],
    files: files.map((one) => ({
      file: one.file,
      risk: one.risk,
      coverage: one.coverage,
      findings: one.findings,
    })),
  };
}

/**
 * JSON as people may read it, too, a value a line; what is large, a finding a line, in a fourth of the time and the bytes.
 */
export function jsonText(value: { findings: readonly Finding[] }): string {
  return JSON.stringify(value, null, value.findings.length > 100 ? 0 : 2);
}
