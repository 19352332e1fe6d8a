import { proxyActivities } from '@temporalio/workflow';
import type { DeployRequest, RunResult } from '../../src/domain/requests.js';

/** A change in phases as it is, with runs and backfills that only note what was asked of them. */
export { phases } from '../../src/workflows/phases.js';

/** What a test keeps of them. */
export interface Noting {
  ran: (what: string) => Promise<void>;
}

const { ran } = proxyActivities<Noting>({ startToCloseTimeout: '1 minute' });

export async function deploy({ upTo = 'deploy', release = 'r2' }: DeployRequest): Promise<RunResult> {
  await ran(upTo);
  return { outcome: 'done', planHash: `plan of ${upTo}`, release, record: 'records/shop/1.json' };
}

export async function backfill({ name }: { name: string }): Promise<object> {
  await ran(`backfill ${name}`);
  return { outcome: 'done', says: '0 rows left', changed: 7 };
}
