import type { RevisionFile } from '../adapters/alembic/inspection.js';
import { planOf, type RunRecord } from '../domain/record.js';
import type { EditedRevision } from '../plan/facts.js';
import { readPlan } from './plans.js';
import { recordsOf } from './records.js';

/** Runs that are looked into: those before them ran when other people were here. */
const RUNS = 50;

/**
 * Revisions that Lockkeeper has run here with another file than the one that is there now.
 *
 * @param applied - what the database has, with the files as they are now
 */
export async function editedSince(
  state: string,
  target: string,
  applied: readonly RevisionFile[],
): Promise<EditedRevision[]> {
  const waiting = new Map(applied.map((each) => [each.revision, each]));
  const edited: EditedRevision[] = [];
  const records = await recordsOf(state, target);
  for (const record of records.filter(hasMigrated).slice(0, RUNS)) {
    const hash = planOf(record)?.planHash;
    const plan = hash === undefined ? null : await readPlan(state, hash).catch(() => null);
    for (const { revision, sha256 } of plan?.revisions ?? []) {
      const now = waiting.get(revision);
      if (now && now.sha256 !== sha256) edited.push({ revision, file: now.file, ran: sha256 });
      waiting.delete(revision); // the newest run is the one that counts
    }
    if (waiting.size === 0) break;
  }
  return edited;
}

const hasMigrated = ({ kind, outcome, facts }: RunRecord): boolean =>
  kind === 'deploy' &&
  outcome === 'done' &&
  facts.some((fact) => fact.kind === 'finished' && fact.step === 'migrate');
