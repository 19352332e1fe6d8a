import type { Plan } from '../domain/plan.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { recordsOf } from './records.js';
import { sameRevisions } from './standing.js';

/** What of a target a run has left, as far as it changed it. */
interface Left {
  revisions?: readonly string[];
  release?: string | null;
}

/**
 * What other hands have changed since the last run of the target: a migration by the runbook's own line, a `compose up`,
 * a deploy script.
 *
 * @returns words to put behind others; empty when nothing is known to have been changed
 */
export async function driftNote(state: string, plan: Plan): Promise<string> {
  const records = await recordsOf(state, plan.target);
  const last = records.find(({ outcome, facts }) => outcome === 'done' && facts.some(isChange));
  if (!last) return '';
  const { revisions, release } = leftBy(last);
  const told = [
    revisions && !sameRevisions(revisions, plan.from)
      ? `the database went from ${list(revisions)} to ${list(plan.from)}`
      : '',
    release && plan.running && release !== plan.running
      ? `the release went from ${release} to ${plan.running}`
      : '',
  ].filter(Boolean);
  return told.length ? `; SINCE THE LAST RUN, BY OTHER HANDS: ${told.join(', ')}` : '';
}

const CHANGES = ['migrate', 'deploy', 'put the schema back', 'put the release back'];

const isChange = (fact: RunRecord['facts'][number]): boolean =>
  fact.kind === 'finished' && CHANGES.includes(fact.step);

function leftBy(record: RunRecord): Left {
  const plan = planOf(record);
  if (!plan || (record.kind !== 'deploy' && record.kind !== 'rollback')) return {};
  const did = (step: string) => record.facts.some((fact) => fact.kind === 'finished' && fact.step === step);
  if (record.kind === 'deploy')
    return {
      ...(did('migrate') ? { revisions: plan.to } : {}),
      ...(did('deploy') ? { release: plan.release } : {}),
    };
  return {
    ...(did('put the schema back') ? { revisions: plan.from } : {}),
    ...(did('put the release back') ? { release: plan.running } : {}),
  };
}

const list = (names: readonly string[]): string => names.join(', ') || 'base';
