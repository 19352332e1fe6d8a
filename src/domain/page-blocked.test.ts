import type { Blocked } from './blocked.js';
import { pageText } from './page-text.js';
import type { Fact, Outcome, RunRecord } from './record.js';
import { stateOf } from './state.js';
import { statusOf } from './status.js';
import { blockedText } from '../report/blocked.js';

const blocked: Blocked = {
  ...{ reason: 'holder', revision: '0002_note', statement: 'ALTER TABLE orders ADD COLUMN note text' },
  relations: [{ name: 'orders', lock: 'ACCESS EXCLUSIVE' }],
  holders: [
    {
      ...{ pid: 4711, backendStart: '2026-11-26T10:00:00.000Z', user: 'app', application: 'worker' },
      ...{ state: 'idle in transaction', transactionMs: 31_000, query: 'select 1', mode: 'ACCESS SHARE' },
    },
  ],
  ...{ waitedMs: 30_000, stalledMs: 100, budgetMs: 1_000, committed: [] },
};
const at = (minute: number) => `2026-11-26T02:${String(minute).padStart(2, '0')}:00.000Z`;
const fact = (
  more: Partial<Extract<Fact, { kind: 'blocked' }>> = {},
): Extract<Fact, { kind: 'blocked' }> => ({
  ...{ at: at(5), kind: 'blocked', blocked, people: 1, noWindow: 'no window is set' },
  until: '2026-11-27T02:05:00.000Z',
  ...more,
});
const run = (outcome: Outcome, ...facts: Fact[]): RunRecord => ({
  ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'lockkeeper:shop', runId: 'run-1' },
  ...{ steps: ['migrate'], outcome },
  facts: [{ at: at(4), kind: 'started', step: 'migrate' }, ...facts],
});
const budget = (by: string, budgetMs: number, minute: number): Fact => ({
  ...{ at: at(minute), kind: 'said', message: 'choose', by, via: 'update', budgetMs },
});

it('says who is in the way, what that costs, what can be chosen, and that nothing was changed', () => {
  expect(pageText(run('waiting', fact()))).toMatchInlineSnapshot(`
    "## deploy shop: blocked
    The database is unchanged, the release is unchanged.

    ### Blocked: choose, until 2026-11-27 02:05 UTC
    Revision **0002_note** needs **ACCESS EXCLUSIVE on orders**: \`ALTER TABLE orders ADD COLUMN note text\`
    It waited for 30.0 s; others may have waited behind it for 100 ms of 1.0 s in all. Its transaction was rolled back: nothing was changed.

    In the way:
    - \`pid 4711, user app, application worker, idle in transaction, for 31.0 s, ACCESS SHARE: select 1\`

    **Wait**, and try again: *More Actions*, *Send an Update*, \`choose\`, with your name in this *Data*:
    \`\`\`json
    {"by": "you@example.com",
     "choice":"wait"}
    \`\`\`
    **Let others wait for longer** (milliseconds in all): the same with \`"choice": "budget", "budgetMs": 2000\`.
    **End these sessions** first, what they did not commit is lost: the same with \`"choice": "cancel", "pids": [4711]\`.
    **Give up**: the same with \`"choice": "give-up"\`. The run undoes what it did.
    **Silence** until then gives up, too.
    By CLI: \`lockkeeper choose wait shop\`

    ### Said and found
    - 02:05 UTC **blocked**: revision 0002_note needs ACCESS EXCLUSIVE on orders, held by pid 4711 (app, worker), idle in transaction, for 31.0 s

    ### The runbook
    - ⏳ **migrate**"
  `);
});

it('by CLI the same, each choice as a command', () => {
  expect(blockedText(run('waiting', fact()), fact()).join('\n')).toMatchInlineSnapshot(`
    "
    Revision 0002_note needs ACCESS EXCLUSIVE on orders: ALTER TABLE orders ADD COLUMN note text
    It waited for 30.0 s; others may have waited behind it for 100 ms of 1.0 s in all. Its transaction was rolled back: nothing was changed.
    In the way:
      pid 4711, user app, application worker, idle in transaction, for 31.0 s, ACCESS SHARE: select 1

    A person must choose until 2026-11-27 02:05 UTC; silence gives up:
      lockkeeper choose wait shop
      lockkeeper choose budget shop --ms 2000
      lockkeeper choose cancel shop --pid 4711
      lockkeeper choose give-up shop"
  `);
});

it('says how many people a larger budget takes, and who stands for which', () => {
  const two = fact({ people: 2 });
  const record = run('waiting', two, budget('bo', 6_000, 6), budget('cy', 2_000, 7), budget('bo', 2_000, 8));
  const page = pageText(record);
  expect(page).toContain('**2 different people** must send exactly the same number.');
  expect(page).toContain('Approved so far: 2000 ms by `cy` (02:07 UTC), 2000 ms by `bo` (02:08 UTC).');
  expect(statusOf(record, 'lockkeeper').waitsFor).toMatchObject({
    what: 'blocked',
    people: 2,
    budgets: [
      { by: 'cy', budgetMs: 2_000 },
      { by: 'bo', budgetMs: 2_000 },
    ],
  });
});

it('does not offer to end what has no session, and offers the window where there is one', () => {
  const prepared = { ...blocked.holders[0]!, pid: 0, backendStart: '', prepared: 'gid' };
  const page = pageText(
    run('waiting', fact({ noWindow: null, blocked: { ...blocked, holders: [prepared] } })),
  );
  expect(page).toContain('"choice": "window"');
  expect(page).not.toContain('"choice": "cancel"');
});

it('of readers without a gap it proposes what one longer attempt would need', () => {
  const longer = fact({ blocked: { ...blocked, reason: 'no-gap', needMs: 2_850 } });
  const words = 'One longer attempt would probably do: others would have waited for about 2.9 s in all then.';
  const page = pageText(run('waiting', longer));
  expect(page).toContain(words);
  expect(page).toContain('"choice": "budget", "budgetMs": 2900');
  const cli = blockedText(run('waiting', longer), longer);
  expect(cli).toContain(words);
  expect(cli).toContain('  lockkeeper choose budget shop --ms 2900');
});

it('of what is put back it says so, and that a person decides after giving up', () => {
  const back = fact({ blocked: { ...blocked, undo: true } });
  const page = pageText(run('waiting', back));
  expect(page).toContain('Going back, revision **0002_note** needs');
  expect(page).toContain('A person says retry or stop then.');
  expect(blockedText(run('waiting', back), back).at(-1)).toMatch(
    /give-up shop +then lockkeeper retry or stop/,
  );
});

it('with the site closed silence decides nothing', () => {
  expect(pageText(run('waiting', fact({ until: null })))).toContain(
    '**The site is closed**, so silence decides nothing: the run waits, and the alarm goes on.',
  );
});

it('is a state of its own, found in lists; each choice is a next action with its commands', () => {
  const { state, says, next } = statusOf(run('waiting', fact()), 'lockkeeper');
  expect(state).toBe('blocked');
  expect(says).toContain(
    'blocked, revision 0002_note needs ACCESS EXCLUSIVE on orders, held by pid 4711 (app, worker), ' +
      'idle in transaction, for 31.0 s, until 2026-11-27 02:05 UTC',
  );
  expect(next.map(({ lockkeeper }) => lockkeeper)).toEqual([
    'lockkeeper choose wait shop',
    'lockkeeper choose budget shop --ms 2000',
    'lockkeeper choose cancel shop --pid 4711',
    'lockkeeper choose give-up shop',
    'lockkeeper cancel shop',
  ]);
});

it.each([
  ['unchanged', [fact()]],
  ['half changed', [fact({ blocked: { ...blocked, committed: ['0001b'] } })]],
  ['half changed', [fact(), { at: at(6), kind: 'tried again', note: '' } as const]],
  ['unchanged', [fact(), { at: at(6), kind: 'put off', note: '' } as const]],
] as [string, Fact[]][])('the database is %s', (database, facts) => {
  expect(stateOf(run('waiting', ...facts)).database).toBe(database);
});
