import { planOf, type RunRecord, type UndoName } from './record.js';

/**
 * How a person does what an undo could not: one line with its commands. For a run without a plan the names in
 * it stand for themselves.
 */
export function byHand(undo: UndoName, record: Pick<RunRecord, 'target' | 'facts'>): string {
  const { target } = record;
  const plan = planOf(record);
  const { release = 'RELEASE', running, from = [], to = [] } = plan ?? {};
  const before = running ?? 'the release that ran before';
  switch (undo) {
    case 'maintenance off':
      return `open the site: lockkeeper maintenance off ${target} --force`;
    case 'put the database back':
      return `look at alembic_version: unless it says ${from.join(', ') || 'nothing'}, restore the backup of this run (lockkeeper restore ${target})`;
    case 'put the schema back':
      return `with the revision files of ${release}: alembic downgrade ${from.join(' ') || 'base'}`;
    case 'put the release back':
      return `start ${before} as lockkeeper explain ${target} prints it, then: lockkeeper health ${target}`;
    case 'let keepsakes go':
      return `lockkeeper keepsake list ${target}, then drop those of this run: lockkeeper keepsake drop ${target} --keepsake ID --yes`;
    case 'deploy again':
      return `start ${release} as lockkeeper explain ${target} prints it, then: lockkeeper health ${target}`;
    case 'migrate again':
      return `with the revision files of ${release}: alembic upgrade ${to.join(' ') || 'heads'}`;
  }
}
