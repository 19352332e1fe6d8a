import { failingOf, linesOf, procedures, standing, undoFailingOf } from '../scripts/pages/procedures.js';
import { runbookPage } from '../scripts/pages/runbook.js';
import type { PlanSummary } from '../src/domain/plan.js';
import type { DeployRequest } from '../src/domain/requests.js';
import { deployOnly, deployOnlySteps } from '../src/workflows/deploy-only.js';
import { highRisk, highRiskSteps } from '../src/workflows/high-risk.js';
import { lowRisk, lowRiskSteps } from '../src/workflows/low-risk.js';
import { mediumRisk, mediumRiskSteps } from '../src/workflows/medium-risk.js';
import { restoreSteps } from '../src/workflows/restore.js';
import { rollbackSteps } from '../src/workflows/rollback.js';
import type { Run } from '../src/workflows/run.js';

/** A run that does nothing, and notes which lines it is asked for. */
class Noted {
  readonly lines: object[] = [];
  readonly site = { open: () => undefined, close: () => undefined };
  requestedBy = 'ana';

  step = (name: string): Promise<object> => {
    this.lines.push({ is: 'step', name });
    return Promise.resolve(name === 'rehearse' ? PLAN : { migrate: true });
  };
  undo = (name: string): void => void this.lines.push({ is: 'undo', name });
  commit = (): void => void this.lines.push({ is: 'commit' });
  planned = (): void => undefined;
}

/** All that a plan can call for. */
const PLAN = {
  ...{ planHash: 'a', risk: 'very-high', revisions: 1, keepsakes: { all: true, says: [] } },
  gate: { approvals: 2, hasWindow: true },
};
type Of = (run: Run, plan: PlanSummary, request: DeployRequest) => Promise<void>;
const ofDeploy: Record<string, Of> = {
  ...{ 'low-risk': lowRisk, 'medium-risk': mediumRisk, 'high-risk': highRisk, 'deploy-only': deployOnly },
};
const named: Record<string, readonly string[]> = {
  ...{ 'low-risk': lowRiskSteps, 'medium-risk': mediumRiskSteps, 'high-risk': highRiskSteps },
  ...{ 'deploy-only': deployOnlySteps, rollback: rollbackSteps, restore: restoreSteps },
};
const text = runbookPage()
  .map((page) => page.text)
  .join('');

describe("the runbook's table of failing steps", () => {
  it.each(Object.keys(ofDeploy))('%s: is what the procedure does when it is run', async (file) => {
    const run = new Noted();
    const request = { target: 'shop', backup: true, migrate: 'auto' } as unknown as DeployRequest;
    await ofDeploy[file]!(run as unknown as Run, PLAN as unknown as PlanSummary, request);
    const of = procedures.find((each) => each.file === file)!;
    expect([...of.first.map((name) => ({ is: 'step', name })), ...run.lines]).toEqual(
      linesOf(of).map(({ is, ...line }) => (is === 'commit' ? { is } : { is, ...line })),
    );
  });

  it.each(procedures)('$file: has a row for each step that the run shows', (of) => {
    expect(failingOf(of).map(({ step }) => step)).toEqual(named[of.file]);
    for (const { step, undos, isFinal } of failingOf(of))
      expect(text).toContain(
        `| ${step} | ${isFinal ? 'past the point of no return' : undos.join(', then ') || 'ends; nothing was changed'}`,
      );
  });

  it('ends each row that is undone as before and open, or says what of it is not', () => {
    const rows = procedures.flatMap((of) => failingOf(of).filter(({ isFinal }) => !isFinal));
    expect(rows.length).toBeGreaterThan(50);
    for (const { state, undos } of rows) {
      expect(state.site).toBe('open');
      const touched = undos.some((undo) => undo !== 'maintenance off' && undo !== 'let keepsakes go');
      if (!touched) expect(state).toEqual({ site: 'open', database: 'unchanged', release: 'unchanged' });
      expect([state.database, state.release]).not.toContain('half changed');
    }
  });

  it('keeps the site closed for as long as an undo of release or database has failed', () => {
    const closes = procedures.filter(({ file }) => ['high-risk', 'rollback', 'restore'].includes(file));
    for (const of of closes)
      for (const { undo, state } of undoFailingOf(of))
        expect([undo, state.site]).toEqual([undo, undo === 'let keepsakes go' ? 'open' : 'closed']);
  });

  it('is told by what happened: without its undo the same failure is half a change, the site closed', () => {
    expect(standing(['maintenance on'], 'migrate', [])).toEqual({
      ...{ site: 'closed', database: 'half changed', release: 'unchanged' },
    });
    expect(standing(['maintenance on', 'migrate'], 'deploy', ['put the release back'])).toEqual({
      ...{ site: 'closed', database: 'changed', release: 'put back' },
    });
  });
});
