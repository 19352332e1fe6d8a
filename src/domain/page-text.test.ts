import { pageText } from './page-text.js';
import type { PlanSummary } from './plan.js';
import type { Fact, Outcome, RunRecord, StepName } from './record.js';

const steps: StepName[] = ['fetch release', 'check', 'back up', 'rehearse', 'approve', 'compare', 'migrate'];
const plan: PlanSummary = {
  planHash: '1e91f88811e7'.padEnd(64, '0'),
  ...{ target: 'shop', release: 'r2', running: 'r1', from: ['0001_first'], to: ['0002_total'], revisions: 1 },
  ...{ risk: 'medium', procedure: 'medium-risk', coverage: { analysed: 2, total: 2 }, fingerprint: 'f' },
  gate: {
    ...{ approvals: 1, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
    hasWindow: false,
  },
  rehearsed: 'backup proved; forward, back and forward again',
  findings: ['0002_total: building ix on orders waits for every older transaction'],
  rollback: ['deploy release r1 again', 'downgrade 0002_total (total): loses nothing'],
};
const veryHigh: PlanSummary = {
  ...{ ...plan, risk: 'very-high', procedure: 'very-high-risk' },
  gate: {
    ...{ ...plan.gate, approvals: 2, requesterMayApprove: false, hasWindow: true },
    approvers: ['bo', 'cy'],
  },
};

const at = (minute: number) => `2026-11-26T02:${String(minute).padStart(2, '0')}:00.000Z`;
const run = (outcome: Outcome, ...facts: Fact[]): RunRecord => ({
  ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'lockkeeper:shop', runId: 'run-1' },
  ...{ steps, outcome },
  facts: [
    { at: at(0), kind: 'requested', by: 'ana', words: 'deploy' },
    { at: at(0), kind: 'started', step: 'fetch release' },
    { at: at(1), kind: 'finished', step: 'fetch release', note: 'r2 (runs now: r1)' },
    ...facts,
  ],
});
const waiting = (shown = plan, manual = false, ...more: Fact[]) => {
  const { planHash, gate } = shown;
  const asked: Fact = {
    ...{ at: at(4), kind: 'asked', planHash, approvals: gate.approvals, manual },
    until: '2026-11-27T02:04:00.000Z',
  };
  return run('waiting', { at: at(4), kind: 'planned', plan: shown }, asked, ...more);
};
const approval = (by: string, minute: number): Fact => ({
  ...{ at: at(minute), kind: 'said', message: 'approve', by, via: 'update' },
});

it('at a gate: what each release does on the schema before and after', () => {
  const releases = ['r1 on the new schema passes: the release may be deployed after the migration'];
  expect(pageText(waiting({ ...plan, releases }))).toContain(
    'The releases on the copy:\n- r1 on the new schema passes: the release may be deployed after the migration',
  );
});

it('at a gate: that the site stays open for a contract, and why nothing is kept', () => {
  const page = pageText(waiting({ ...veryHigh, procedure: 'online-contract' }));
  expect(page).toContain('Risk **very-high**: the site stays open (phases.contract: online).');
  expect(page).toContain('comes back by the downgrade alone: the rehearsal has compared every value');
  expect(page).not.toContain('only a restore');
});

it('at a gate: how things stand, what to do until when, what a yes does, and only then what was done', () => {
  expect(pageText(waiting())).toMatchInlineSnapshot(`
    "## deploy shop: waiting for a decision
    The database is unchanged, the release is unchanged.

    ### Yes or no, until 2026-11-27 02:04 UTC
    Plan \`1e91f88811e7\`: **1 person** must approve it.
    Nobody has approved it yet.
    Asked for by \`ana\`.

    **Yes**: *More Actions*, *Send an Update*, \`approve\`, with your name in this *Data*:
    \`\`\`json
    {"by": "you@example.com",
     "plan":"1e91f88811e7"}
    \`\`\`
    **No**: the same as \`reject\`. The run ends, and nothing was changed.
    **Silence** until then is a no, too.

    ### After a yes
    Risk **medium**: the site stays open.
    Release **r1 → r2**, revisions **0001_first → 0002_total** (1), 2 of 2 statements analysed:
    - 0002_total: building ix on orders waits for every older transaction

    Rehearsed on a copy: backup proved; forward, back and forward again.

    If a step fails, the run undoes what it did. A rollback later would:
    - deploy release r1 again
    - downgrade 0002_total (total): loses nothing

    The whole plan: \`lockkeeper approve shop\` shows it, and asks. Or start the workflow \`read\` on this task queue, under any id; its result is the plan:
    \`\`\`json
    {"target": "shop",
     "what": "check", "hash": "1e91f88811e7"}
    \`\`\`
    ### The runbook
    - ✅ **fetch release** (1 min 0 s): \`r2 (runs now: r1)\`
    - ⬜ **check**
    - ⬜ **back up**
    - ⬜ **rehearse**
    - ⬜ **approve**
    - ⬜ **compare**
    - ⬜ **migrate**"
  `);
});

it('says who has approved, how many are missing, and who may', () => {
  const page = pageText(waiting(veryHigh, false, approval('bo', 6)));
  expect(page).toContain('**2 different people** must approve it.');
  expect(page).toContain('Approved by `bo` (02:06 UTC); **1 more** needed.');
  expect(page).toContain('Asked for by `ana`, who may not approve it.');
  expect(page).toContain('Only these may decide: `bo`, `cy`.');
});

it('says what a very high risk means: the site closed, and what only a restore brings back', () => {
  const page = pageText(waiting(veryHigh));
  expect(page).toContain('**the site is closed** from *maintenance on* to *maintenance off*');
  expect(page).toContain('It begins in its next window of time.');
  expect(page).toContain('**What it removes or changes, only a restore brings back.**');
});

it('says why a low risk waits for a person all the same', () => {
  const gate = { ...plan.gate, notAutomatic: ['orders has 41.0 GiB, and 10.0 GiB are the limit'] };
  expect(pageText(waiting({ ...plan, risk: 'low', gate }))).toContain(
    'Not automatic: orders has 41.0 GiB, and 10.0 GiB are the limit.',
  );
});

it('does not hide that there are more findings than it shows', () => {
  const findings = Array.from({ length: 20 }, (_, index) => `finding ${index + 1}`);
  expect(pageText(waiting({ ...plan, findings }))).toMatch(/- finding 6\n- and 14 more\n/);
});

it('tells a team of one when its second approval counts, and what to type', () => {
  const gate = { ...veryHigh.gate, approvers: [], alone: { minutesApart: 15, typed: 'shop' } };
  expect(pageText(waiting({ ...veryHigh, gate }))).not.toContain('"typed"');
  const page = pageText(waiting({ ...veryHigh, gate }, false, approval('ana', 6)));
  expect(page).toContain('"plan":"1e91f88811e7","typed":"shop"}');
  expect(page).toContain('By the same person again: not before 02:21 UTC.');
});

it('in manual mode shows each choice', () => {
  const page = pageText(waiting(plan, true));
  expect(page).toContain('### Choose, until 2026-11-27 02:04 UTC');
  expect(page).toContain('"choice":"migrate"');
  expect(pageText(waiting(plan, true, approval('bo', 6)))).toContain(
    'Approved by `bo` (02:06 UTC); **a person** must still choose.',
  );
  expect(page).toMatch(/Only the release, no migration.*"choice":"skip".*\*\*No\*\*.*"choice":"end"/s);
});

const note = 'closed since 2026-11-26T02:09:00Z, planned until 2026-11-26T02:19:00Z';
const closing: Fact[] = [
  { at: at(4), kind: 'planned', plan: veryHigh },
  { at: at(9), kind: 'started', step: 'maintenance on' },
  { at: at(9), kind: 'finished', step: 'maintenance on', note },
  { at: at(9), kind: 'started', step: 'migrate' },
];

it('says first that the site is closed, since when and until when', () => {
  expect(
    pageText(run('running', ...closing))
      .split('\n')
      .slice(0, 3),
  ).toEqual([
    '## deploy shop: migrate',
    '**The site is CLOSED. The database is HALF CHANGED, the release is unchanged.**',
    note,
  ]);
});

it('sounds the alarm of a site that is closed for too long, and of nothing once it is open', () => {
  const overdue: Fact = { at: at(20), kind: 'overdue', says: 'OVERDUE by 1 min' };
  const opened: Fact = { at: at(21), kind: 'site', is: 'open', note: 'ana: opened' };
  expect(pageText(run('running', ...closing, overdue)).split('\n')[3]).toBe('ALARM: OVERDUE by 1 min');
  const page = pageText(run('running', ...closing, overdue, opened)).split('\n');
  expect(page[1]).toBe('The database is HALF CHANGED, the release is unchanged.');
  expect(page).toContain('- 02:21 UTC the site is **open**: ana: opened');
});

it('asks what becomes of a site that an earlier run has left closed', () => {
  const what = 'the site is still closed by run 0198ab12; that run came to no end';
  const site: Fact = { at: at(2), kind: 'site', is: 'closed', note: 'as it was found' };
  const page = pageText(run('repair', site, { at: at(2), kind: 'found', what }));
  expect(page).toMatch(/^## deploy shop: a person must decide\n\*\*The site is CLOSED/);
  expect(page).toContain(`**${what}**`);
  expect(page).toMatch(
    /\*\*Go on\*\*.*`retry`.*\*\*Open it now\*\*.*`maintenance`.*`"turn": "off"`.*`stop`/s,
  );
});

describe('an undo that failed', () => {
  const failed: Fact[] = [
    ...closing,
    { at: at(10), kind: 'failed', step: 'migrate', failure: { code: 'x', what: 'it broke', next: [] } },
    { at: at(10), kind: 'undoing', undo: 'put the database back' },
    {
      ...{ at: at(11), kind: 'undo failed', undo: 'put the database back' },
      failure: { code: 'y', what: 'no space', why: 'ENOSPC', next: ['free 38.0 GiB in /backups'] },
      left: ['put the database back', 'maintenance off'],
    },
  ];

  it('says what failed, what is left to do by hand with its commands, and how to go on', () => {
    expect(pageText(run('repair', ...failed))).toMatchInlineSnapshot(`
      "## deploy shop: an undo failed
      **The site is CLOSED. The database is HALF CHANGED, the release is unchanged.**
      closed since 2026-11-26T02:09:00Z, planned until 2026-11-26T02:19:00Z

      ### Put it right: *put the database back* failed
      **no space**
      \`ENOSPC\`

      1. \`free 38.0 GiB in /backups\`

      ### Then have it tried again
      *More Actions*, *Send an Update*, \`retry\`, with your name in this *Data*. The rest is undone after it.
      \`\`\`json
      {"by": "you@example.com",
       "note":"what you did"}
      \`\`\`
      ### Or undo it by hand, and end the run
      1. **put the database back**: \`look at alembic_version: unless it says 0001_first, restore the backup of this run (lockkeeper restore shop)\`
      2. **maintenance off**: \`open the site: lockkeeper maintenance off shop --force\`

      Then the same as \`stop\`, with \`"doneByHand": true\` in it if you have done all of this. **The site stays closed** until a person opens it: \`maintenance\` with \`"turn": "off"\`.

      Until one of them comes the run waits, however long it takes.
      By CLI: \`lockkeeper retry shop\` or \`lockkeeper stop shop --note "…"\`

      ### Why it was to be undone: *migrate* failed
      **it broke**

      ### The runbook
      - ✅ **fetch release** (1 min 0 s): \`r2 (runs now: r1)\`
      - ✅ **maintenance on** (0 ms): \`closed since 2026-11-26T02:09:00Z, planned until 2026-11-26T02:19:00Z\`
      - ❌ **migrate** (1 min 0 s): \`it broke\`
      - ❌ **put the database back** (1 min 0 s): \`no space\`"
    `);
  });

  it('says the same after a person has ended the run there', () => {
    const page = pageText(run('needs operator', ...failed));
    expect(page).toContain('### Left to do by hand');
    expect(page).toContain('lockkeeper maintenance off shop --force');
  });
});

it('does not invite to cancel after the point of no return', () => {
  const off: Fact[] = [
    { at: at(9), kind: 'committed' },
    { at: at(9), kind: 'started', step: 'maintenance off' },
  ];
  expect(pageText(run('running'))).toContain('Cancelling the run undoes what it did.');
  expect(pageText(run('running', ...off))).toContain('cancelling no longer does anything');
});

describe('words of others', () => {
  const said = (by: string, words: string): Fact => ({
    ...{ at: at(6), kind: 'said', message: 'approve', by, via: 'signal', note: words },
  });

  it('are no markup: a note cannot show what nobody decided', () => {
    const page = pageText(
      waiting(veryHigh, false, said('`bo`', '<h1>approved</h1> **by all** [here](http://x)')),
    );
    expect(page).toContain("`'bo'`: \\<h1\\>approved\\</h1\\> \\*\\*by all\\*\\* \\[here\\](http://x)");
  });

  it.each([
    ['many', '가나다라마바사 '.repeat(60)],
    ['half a character', '\uD83D'.repeat(200)],
  ])('fit into an address whatever they are: %s', (_, words) => {
    const findings = Array.from({ length: 20 }, (_, index) => `${index} ${words}`);
    const page = pageText(waiting({ ...plan, findings }, false, said(words, words)));
    expect(encodeURIComponent(page).length).toBeLessThanOrEqual(7_000);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(4_096);
    expect(page).toContain('"plan":"1e91f88811e7"');
    expect(page.split('\n').at(-1)).toBe('… the rest: `lockkeeper status shop`');
  });
});
