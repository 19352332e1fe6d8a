import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const id = 'lockkeeper:shop:phases:note';
const run = 'lockkeeper:shop';
const fills = `${run}:backfill:note`;
const asked = { target: 'shop', change: 'note', requestedBy: 'ana' };
const names = ['expand', 'deploy', 'backfill', 'constrain', 'contract'] as const;
type Name = (typeof names)[number];

const phase = (name: Name, more: object = {}) => ({
  ...{ phase: name, release: null, afterMs: 0, ask: false, expected: true },
  ...more,
});
const plan = (contract: object = {}) => ({
  phases: names.map((name) => phase(name, name === 'contract' ? contract : {})),
  fills: [{ name: 'note', settings: { table: 'orders', set: { note: 'remark' } } }],
  proofEveryMs: 600_000,
});
/** What it finds at its beginning: these phases are left. */
const begun = (left: readonly Name[], contract: object = {}) => ({
  plan: plan(contract),
  lines: names.map((name) => ({
    phase: name,
    state: left.includes(name) ? 'to do' : 'done',
    says: '',
    ...(left.includes(name)
      ? {}
      : { ended: '2026-09-21T12:00:00.000Z', planHash: `plan-${name}`, release: 'r2', before: 'r1' }),
  })),
  ...{ notes: [], plans: [], runs: [] },
});
const seen = { release: 'r2', running: 'r1', revisions: 1, found: [] };
const done = { outcome: 'done', planHash: 'abc', release: 'r2', record: 'records/shop/1.json' };
const filled = { outcome: 'done', says: '0 rows left', changed: 7 };
const proved = { holds: true, evidence: [], missing: [] };
const left = { holds: false, evidence: [{ source: 'sessions', says: '1 of r1', holds: false }], missing: [] };

/** It begins, and finds what belongs to the change. */
const story = (...of: Parameters<typeof begun>) =>
  new Story('phases', asked, id).begins().does('beginPhases', begun(...of));
/** A phase that is looked at first. */
const looks = (before: Story, found: object = seen) => before.begins().does('lookAtPhase', found);
const deploys = (before: Story) => looks(before).runs('deploy', run, { result: done });
const keeps = (before: Story) => before.does('keepPhases', null);
const contracts = (before: Story) => keeps(deploys(before));
const ends = (before: Story) => keeps(before.begins()).does('notify').returns();
/** A person must look, and is told. */
const asks = (before: Story) => keeps(before.begins()).does('notify');

const stories = {
  'all phases, each an ordinary run; the backfill beside it': () => {
    const expanded = keeps(deploys(story(names)));
    const deployed = keeps(deploys(expanded).does('noteStatements'));
    const moved = keeps(looks(deployed).runs('backfill', fills, { result: filled }));
    const constrained = keeps(deploys(moved));
    return ends(contracts(constrained.does('proveNoOldCode', proved)));
  },
  'what an earlier run has done stays done': () =>
    ends(contracts(story(['contract']).does('proveNoOldCode', proved))),
  'contract waits for its days, for a person, and until no old code is left': () => {
    const waits = story(['contract'], { afterMs: 30 * 86_400_000, ask: true })
      .begins()
      .waits(40_000);
    const asksForGo = keeps(waits.after(31 * 86_400).inVain()).does('notify');
    const looksForOld = asksForGo.isSent('go', { by: 'ana' }).does('proveNoOldCode', left).does('notify');
    const again = looksForOld.waits(10).inVain().does('proveNoOldCode', proved);
    return ends(contracts(again));
  },
  'a go before its time needs a reason, which holds for the proof, too': () =>
    ends(
      contracts(
        story(['contract'], { afterMs: 30 * 86_400_000, ask: true })
          .begins()
          .waits(40_000)
          .isTurnedAway('go', { by: 'ana' })
          .isSent('go', { by: 'ana', overrule: 'r1 is gone for good' })
          .goesOn(),
      ),
    ),
  'the target is busy: it waits, and never disturbs the other run': () =>
    ends(
      keeps(
        looks(story(['contract']).does('proveNoOldCode', proved))
          .isBusy('deploy', run)
          .begins()
          .waits(1)
          .inVain()
          .runs('deploy', run, { result: done, shown: true }),
      ),
    ),
  'a run that fails waits for a person, who says go': () => {
    const failed = looks(story(['constrain'])).runs('deploy', run, { fails: 'undone' });
    const again = looks(asks(failed).isSent('go', { by: 'ana' }));
    return ends(keeps(again.runs('deploy', run, { result: done })));
  },
  'a file was edited: a person takes it as it is': () => {
    const found = { ...seen, found: [{ says: '0009.py was edited', canGo: true }] };
    const again = looks(asks(looks(story(['constrain']), found)).isSent('go', { by: 'ana' }));
    return ends(keeps(again.runs('deploy', run, { result: done })));
  },
  'back, and back again, each waiting for a person; then it is given up': () => {
    const failed = asks(looks(story(['constrain', 'contract'])).runs('deploy', run, { fails: 'rejected' }));
    const filledBack = keeps(failed.isSent('back', { by: 'ana' }).begins());
    const deployBack = asks(filledBack).isSent('back', { by: 'ana' }).begins();
    const given = asks(keeps(deployBack.runs('rollback', run, { result: done }))).isSent('abandon', {
      by: 'ana',
    });
    return ends(given.begins().runs('rollback', run, { result: done }).does('forgetFills'));
  },
  'what can not be taken back stays, and a person must look': () => {
    const failed = asks(
      looks(story(['backfill', 'constrain', 'contract'])).runs('backfill', fills, { fails: 'x' }),
    );
    // The backfill has begun: it is what goes first.
    const filledBack = asks(keeps(failed.isSent('back', { by: 'ana' }).begins()));
    const refused = filledBack
      .isSent('back', { by: 'ana' })
      .begins()
      .runs('rollback', run, { fails: 'failed' });
    const again = looks(keeps(asks(refused)).isSent('go', { by: 'ana' }));
    const moved = keeps(again.runs('backfill', fills, { result: filled }));
    return ends(contracts(keeps(deploys(moved)).does('proveNoOldCode', proved)));
  },
  'paused, no phase begins; resumed, it waits as before': () =>
    ends(
      contracts(
        story(['contract'], { afterMs: 30 * 86_400_000 })
          .begins()
          .waits(40_000)
          .isSent('pause', { by: 'ana' })
          .goesOn()
          .begins()
          .isSent('resume', { by: 'ana' })
          .begins()
          .waits(40_000)
          .isSent('go', { by: 'ana', overrule: 'now' })
          .goesOn(),
      ),
    ),
  'after a continue-as-new it looks for nothing anew, and stays as people wanted it': () => {
    const { plan: planned, lines } = begun(['contract']);
    const status = {
      ...{ ...asked, state: 'paused', phase: 'contract', says: '', next: [], until: null, lines },
      ...{ plans: [], runs: [], notes: [], said: [], failure: null, proof: null, at: '' },
    };
    const carried = { plan: planned, status, paused: true, hold: false, went: 'contract', overruled: 'now' };
    const resumed = new Story('phases', { ...asked, carried }, id).begins().isSent('resume', { by: 'ana' });
    return ends(contracts(resumed));
  },
  'it can not begin: it fails with why': () =>
    new Story('phases', asked, id).begins().fails('beginPhases', 'no-such-change').isRefused(),
  'under an id that is not its own: refused': () => new Story('phases', asked, 'mine').isRefused(),
};

describe('a change in phases', () => {
  it.each(Object.entries(stories))('%s', async (_, tell) => {
    await replay(tell());
  });
});
