import { factsWith, pending } from '../../test/support/plan-facts.js';
import { planParts } from '../report/check.js';
import { buildPlan } from './build.js';
import { summarise } from './summary.js';

const DROP = 'DROP TABLE carts;\n\nALTER TABLE orders RENAME COLUMN a TO b;\n\n';
const lines = [
  { offset: 0, line: 12 },
  { offset: DROP.indexOf('ALTER'), line: 15 },
];
const withComments = (...allowances: [line: number, text: string][]) =>
  pending('a1', DROP, '', { lines, allowances: allowances.map(([line, text]) => ({ line, text })) });
const told = async (...allowances: [line: number, text: string][]) => {
  const { findings, risk } = await buildPlan(factsWith(withComments(...allowances)));
  return { risk, findings: findings.map(({ rule, risk: of, line }) => `${line} ${rule} ${of}`) };
};

it('a comment above a call of the revision allows what that call does, and no other', async () => {
  expect(await told([11, '# lockkeeper: allow table-dropped because nothing has read it since May'])).toEqual(
    {
      risk: 'high',
      findings: ['12 table-dropped medium', '15 column-renamed high'],
    },
  );
  expect(await told([15, '# lockkeeper: allow column-renamed because 40 rows'])).toEqual({
    risk: 'very-high',
    findings: ['12 table-dropped very-high', '15 column-renamed low'],
  });
});

it('a comment above the wrong call, or with a fault, is told of with its line', async () => {
  expect((await told([14, '# lockkeeper: allow table-dropped because x'])).findings).toEqual([
    '12 table-dropped very-high',
    '15 column-renamed high',
    '14 allowance-unused low',
  ]);
  expect((await told([11, '# lockkeeper: allow table-dropped'])).findings).toContain(
    '11 allowance-refused low',
  );
});

it('a comment of the downgrade, below all calls of the upgrade, is none of the check', async () => {
  expect((await told([30, '# lockkeeper: allow table-dropped because x'])).findings).toHaveLength(2);
});

it('a comment anywhere allows that the revision asks the database', async () => {
  const revision = pending('a1', 'SELECT 1', '', {
    ...{ onlineHints: ['get_bind'], lines: [{ offset: 0, line: 9 }] },
    allowances: [{ line: 3, text: '# lockkeeper: allow not-analysable because it only counts rows' }],
  });
  const { findings, risk, coverage, gate } = await buildPlan(factsWith(revision));
  expect(findings).toMatchObject([
    { rule: 'not-analysable', risk: 'medium', allowed: { risk: 'very-high' } },
  ]);
  expect({ risk, coverage, approvals: gate.approvals }).toEqual({
    ...{ risk: 'medium', approvals: 1 },
    coverage: { analysed: 1, total: 2 },
  });
});

describe('who approves', () => {
  const sql =
    '-- lockkeeper: allow column-renamed because no release reads it\nALTER TABLE orders RENAME COLUMN a TO b';
  const plan = () => buildPlan(factsWith(pending('a1', sql, 'ALTER TABLE orders RENAME COLUMN b TO a')));

  it('is asked, however low the risk has become', async () => {
    const { risk, gate } = await plan();
    expect(risk).toBe('low');
    expect(gate).toMatchObject({
      approvals: 1,
      notAutomatic: ['a1 allows column-renamed (high without that): no release reads it'],
    });
  });

  it('reads it in the summary and in the plan', async () => {
    expect(summarise(await plan()).findings).toEqual([
      expect.stringMatching(/\(low, column-renamed, allowed, high without that: no release reads it\)$/),
    ]);
    expect(planParts(await plan()).join('\n')).toContain('Allowed, high without that: no release reads it');
  });

  it('approves another plan when the reason is another', async () => {
    const other = sql.replace('no release reads it', 'I say so');
    const { planHash } = await buildPlan(
      factsWith(pending('a1', other, 'ALTER TABLE orders RENAME COLUMN b TO a')),
    );
    expect(planHash).not.toBe((await plan()).planHash);
  });

  it('sees what was allowed among very many findings', async () => {
    const many = Array.from({ length: 60 }, (_, i) => pending(`r${i}`, 'CREATE INDEX i ON t (a)'));
    const plan = await buildPlan(factsWith(...many, pending('last', sql)));
    expect(summarise(plan).findings[0]).toContain('allowed, high without that');
  });
});
