import { temporaryFolder } from '../../test/support/temporary.js';
import type { Plan, PlanSummary } from '../domain/plan.js';
import type { Fact, RunRecord, StepName } from '../domain/record.js';
import { driftNote } from './drift.js';
import { keep } from './records.js';

const at = '2026-11-26T12:00:00.000Z';

async function after(
  kind: 'deploy' | 'rollback',
  steps: readonly StepName[],
  now: Partial<Plan>,
): Promise<string> {
  const state = temporaryFolder('drift');
  const plan = { from: ['0001'], to: ['0002'], release: 'r2', running: 'r1' } as unknown as PlanSummary;
  const facts: Fact[] = [
    { at, kind: 'planned', plan },
    ...steps.map((step) => ({ at, kind: 'finished', step }) as const),
  ];
  const record: RunRecord = {
    ...{
      formatVersion: 1,
      kind,
      target: 'shop',
      workflowId: 'lockkeeper:shop',
      runId: 'a',
      steps,
      outcome: 'done',
    },
    facts,
  };
  await keep(state, record);
  return driftNote(state, { target: 'shop', ...now } as Plan);
}

describe('driftNote', () => {
  it('says nothing where all is as the last run has left it', async () => {
    expect(await after('deploy', ['migrate', 'deploy'], { from: ['0002'], running: 'r2' })).toBe('');
    const back: StepName[] = ['put the release back', 'put the schema back'];
    expect(await after('rollback', back, { from: ['0001'], running: 'r1' })).toBe('');
  });

  it('names a migration and a release that came by other hands', async () => {
    expect(await after('deploy', ['migrate', 'deploy'], { from: ['0003'], running: 'r1' })).toBe(
      '; SINCE THE LAST RUN, BY OTHER HANDS: the database went from 0002 to 0003, the release went from r2 to r1',
    );
  });

  it('knows only what the last run has changed itself', async () => {
    expect(await after('deploy', ['deploy'], { from: ['0009'], running: 'r2' })).toBe('');
  });
});
