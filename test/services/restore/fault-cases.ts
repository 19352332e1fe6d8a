import { checkRestore } from '../../../src/activities/restore-check.js';
import { proveBackup } from '../../../src/activities/restore-prove.js';
import { oneValue } from '../backup/support.js';
import { type Prepared, work } from './support.js';

/** A fault of a restore, numbered as in docs/backup-faults.md: what must come of it. */
export interface FaultCase {
  row: number;
  name: string;
  /** SQL before the backup is taken. */
  first?: string;
  act: (prepared: Prepared) => Promise<void>;
}

export const session = { applicationName: 'lockkeeper:test:restore' };
export const ids = ({ project }: Prepared) => ({ target: project.target, runId: 'restore1' });
export const check = (prepared: Prepared) =>
  checkRestore(prepared.home, { ...ids(prepared), backup: 'latest', untilClosed: false }, work());
export const proved = async (prepared: Prepared) => {
  const { planHash } = await check(prepared);
  const final = await proveBackup(prepared.home, { ...ids(prepared), planHash }, work());
  return { ...ids(prepared), planHash: final.planHash };
};
export const rows = ({ project }: Prepared) => oneValue(project.url, 'SELECT count(*)::int FROM orders');
