import { faults, faultsAfter } from '../support/faults.js';
import { patience, sample, together } from '../support/kills-sample.js';

describe('a step of high or very high risk fails: release, revision and site are as the runbook says', () => {
  const cases = sample(faults, 1);
  const results = together(cases, faultsAfter);
  it.each(cases.map((each, index) => ({ ...each, undo: each.undo ?? 'nothing', index })))(
    '$risk: $step fails, and of its undos: $undo',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    300_000 * patience,
  );
});
