import { buildPlan } from '../plan/build.js';
import { factsWith, pending } from '../../test/support/plan-facts.js';
import { checkJson } from './check-json.js';
import { checkText } from './check.js';

const index = pending(
  '3c9f2e1',
  'CREATE INDEX orders_customer ON orders (customer_id)',
  'DROP INDEX orders_customer',
  {
    doc: 'index orders by customer',
  },
);
const column = pending(
  'b41d0aa',
  'ALTER TABLE orders ADD COLUMN cancelled_by text',
  'ALTER TABLE orders DROP COLUMN cancelled_by',
  {
    doc: 'say who cancelled',
  },
);
const text = async (...args: Parameters<typeof factsWith>) => checkText(await buildPlan(factsWith(...args)));
const withoutHash = (shown: string) => shown.replace(/plan [0-9a-f]{12}/, 'plan <hash>');

describe('checkText', () => {
  it('tells a low-risk plan, what applies and what to type next', async () => {
    expect(withoutHash(await text(column))).toMatchInlineSnapshot(`
      "shop  r1 → r2   1 revision, 1 statement   plan <hash>

        b41d0aa  say who cancelled                                                     versions/b41d0aa.py
             nothing to warn of                                                                        low

      1 of 1 statement analysed, nothing found.
      The low-risk procedure applies: online and automatic, a backup with --backup.
      Phase: expand

      To undo it:
        deploy release r1 again
        downgrade b41d0aa (say who cancelled): loses what was written to the column orders.cancelled_by

      Nothing was changed. Next:
        lockkeeper deploy shop --auto-migrate"
    `);
  });

  it('tells of each finding what it is, whom it keeps waiting and what to do instead', async () => {
    expect(withoutHash(await text(index, column))).toMatchInlineSnapshot(`
      "shop  r1 → r2   2 revisions, 2 statements   plan <hash>

        3c9f2e1  index orders by customer                                              versions/3c9f2e1.py
             CREATE INDEX orders_customer ON orders (customer_id)                                   medium
               building orders_customer blocks writes to orders
               SHARE on orders: writes wait
               Instead: Build it CONCURRENTLY, in a revision of its own: it cannot run inside a
               transaction. [index-blocks-writes]

        b41d0aa  say who cancelled                                                     versions/b41d0aa.py
             nothing to warn of                                                                        low

      2 of 2 statements analysed, findings: 1 medium.
      The medium-risk procedure applies: backup, rehearsal, one person approves, online.
      Phase: expand
      One transaction for 2 revisions holds to its end: SHARE on orders from 3c9f2e1 to b41d0aa

      To undo it:
        deploy release r1 again
        downgrade b41d0aa (say who cancelled): loses what was written to the column orders.cancelled_by
        downgrade 3c9f2e1 (index orders by customer): loses nothing

      Nothing was changed. Next:
        lockkeeper deploy shop --auto-migrate   waits until a person approves it"
    `);
  });

  it('tells a plan without a migration', async () => {
    expect(withoutHash(await text())).toMatchInlineSnapshot(`
      "shop  r1 → r2   0 revisions, 0 statements   plan <hash>

      No migration is pending. Only the application would be deployed.

      To undo it:
        deploy release r1 again

      Nothing was changed. Next:
        lockkeeper deploy shop --auto-migrate"
    `);
  });

  it('says which revisions could not be judged', async () => {
    expect(withoutHash(await text(pending('77', null, null, { upError: 'TypeError: None' }))))
      .toMatchInlineSnapshot(`
      "shop  r1 → r2   1 revision, 1 statement   plan <hash>

        77  about 77                                                                        versions/77.py
             the revision as a whole                                                             very-high
               the revision cannot be rendered without the database: TypeError: None
               may lose data; may break the running release
               Instead: Let the revision say its statements without asking the database, or rehearse it on
               a copy. [not-analysable]

      0 of 1 statement analysed, findings: 1 very-high.
      The very-high-risk procedure applies: proven backup, two people approve, the site is closed.
      Only a restore brings back what is lost.
      Phase: contract as far as is known: not all of it is

      To undo it:
        what this removes or changes comes back only by a restore of the backup
        deploy release r1 again
        downgrade 77 (about 77): what it loses is not known, as it cannot be rendered

      Nothing was changed. Next:
        lockkeeper deploy shop --auto-migrate   waits until 2 people approve it"
    `);
  });

  it('keeps to 100 columns, whatever the names', async () => {
    const long = pending(
      'f'.repeat(32),
      `DROP TABLE a${'b'.repeat(60)}, c; UPDATE orders SET ${'x = 1, '.repeat(90)} y = 2`,
      '',
      {
        doc: 'a long description '.repeat(20),
        file: `versions/${'very_'.repeat(40)}long.py`,
      },
    );
    for (const line of (await text(long, index)).split('\n'))
      expect([...line].length).toBeLessThanOrEqual(100);
  });

  it('shows the gravest of very many, and says how many it left out', async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      pending(`r${n}`, n === 59 ? 'DROP TABLE t' : 'CREATE INDEX i ON t (a)'),
    );
    const shown = await text(...many);
    expect(shown).toContain('dropping t removes all rows for good');
    expect(shown).toMatch(/index-blocks-writes: 59 times .*r0, r1, r2, .* and \d+ more\n/s);
    expect(shown).toContain('60 of 60 statements analysed, findings: 1 very-high, 59 medium.');
    expect(shown.split('\n').length).toBeLessThanOrEqual(40);
  });
});

describe('checkJson', () => {
  it('has what a machine needs, and a version', async () => {
    const plan = await buildPlan(factsWith(index));
    expect(checkJson(plan)).toEqual({
      schemaVersion: 1,
      target: 'shop',
      release: 'r2',
      planHash: plan.planHash,
      risk: 'medium',
      phase: { phase: 'neutral', steps: [] },
      transactions: { perRevision: false, heldThrough: [] },
      procedure: 'medium-risk',
      coverage: { analysed: 1, total: 1 },
      approvals: 1,
      running: 'r1',
      images: [],
      notAutomatic: [],
      findings: [
        {
          rule: 'index-blocks-writes',
          risk: 'medium',
          revision: '3c9f2e1',
          file: 'versions/3c9f2e1.py',
          statement: 'CREATE INDEX orders_customer ON orders (customer_id)',
          relations: [{ name: 'orders', lock: 'SHARE', blocks: 'writes' }],
          dataLoss: false,
          breaksRunning: false,
          evidence: 'static',
          message: 'building orders_customer blocks writes to orders',
          instead: 'Build it CONCURRENTLY, in a revision of its own: it cannot run inside a transaction.',
        },
      ],
      revisions: [
        {
          revision: '3c9f2e1',
          file: 'versions/3c9f2e1.py',
          risk: 'medium',
          phase: 'neutral',
          direction: 'upgrade',
        },
      ],
    });
  });
});
