import { allowanceIn } from './allow.js';
import { findingsIn } from './testing.js';

const short = async (sql: string) =>
  (await findingsIn(sql)).map(({ rule, risk, line, allowed }) => ({
    ...{ rule, risk, line },
    ...(allowed ? { allowed } : {}),
  }));

describe('what is allowed', () => {
  it('stays among the findings, at low risk, with the reason and the risk that it had', async () => {
    expect(
      await short(
        '-- lockkeeper: allow index-blocks-writes because the table has 40 rows\nCREATE INDEX i ON t (a);',
      ),
    ).toEqual([
      {
        ...{ rule: 'index-blocks-writes', risk: 'low', line: 2 },
        allowed: { reason: 'the table has 40 rows', risk: 'medium' },
      },
    ]);
  });

  it.each([
    ['rows are lost', 'DROP TABLE t', 'table-dropped'],
    ['nobody knows what it does', 'SELECT tidy()', 'function-called'],
    ['no rule knows it', 'SET zero_damaged_pages = on', 'unknown-statement'],
    ['a script is run', 'CREATE EXTENSION postgis', 'extension-changed'],
  ])('is never below medium where %s', async (_, sql, rule) => {
    const [found] = await short(`${sql}; -- lockkeeper: allow ${rule} because we looked`);
    expect(found).toMatchObject({ rule, risk: 'medium' });
    expect(found?.allowed?.reason).toBe('we looked');
  });

  it('is one statement, not the next', async () => {
    expect(
      await short('DROP TABLE a; -- lockkeeper: allow table-dropped because it is empty\nDROP TABLE b;'),
    ).toMatchObject([{ risk: 'medium' }, { risk: 'very-high' }]);
  });

  it('is one rule, not what another one finds in the statement', async () => {
    const found = await short(
      '-- lockkeeper: allow column-dropped because nothing reads it\n' +
        'ALTER TABLE t DROP COLUMN a, ALTER COLUMN b SET NOT NULL;',
    );
    expect(found).toMatchObject([
      { rule: 'column-dropped', risk: 'medium' },
      { rule: 'not-null-scans', risk: 'high' },
    ]);
  });

  it('may be several rules, by one comment or by several', async () => {
    const sql = 'ALTER TABLE t DROP COLUMN a, ALTER COLUMN b SET NOT NULL;';
    for (const comments of [
      '-- lockkeeper: allow column-dropped, not-null-scans because small',
      '-- lockkeeper: allow column-dropped because small\n-- lockkeeper: allow not-null-scans because small',
    ])
      expect(await short(`${comments}\n${sql}`)).toMatchObject([{ risk: 'medium' }, { risk: 'low' }]);
  });

  it('does not count as analysed when nobody knows what it does', async () => {
    expect(
      (await findingsIn('SET zero_damaged_pages = on; -- lockkeeper: allow unknown-statement because x'))
        .length,
    ).toBe(1);
  });
});

describe('a comment that allows nothing is a finding of its own, and what it was meant for keeps its risk', () => {
  it.each([
    ['without a reason', 'allow table-dropped', /the reason is missing/],
    ['with an empty one', 'allow table-dropped because', /the reason is missing/],
    ['with dots for a reason', 'allow table-dropped because …', /the reason is missing/],
    ['of no rule', 'allow because it is empty', /no rule/],
    [
      'of a rule that there is not',
      'allow table-droped because x',
      /no rule table-droped; did you mean table-dropped\?/,
    ],
    ['with another word', 'ignore table-dropped because x', /something else than/],
    ['of what cannot be read', 'allow unreadable-sql because x', /cannot be allowed/],
  ])('%s', async (_, note, message) => {
    const found = await findingsIn(`SELECT 1;\n-- lockkeeper: ${note}\nDROP TABLE t;`);
    expect(found).toMatchObject([
      { rule: 'table-dropped', risk: 'very-high', line: 3 },
      { rule: 'allowance-refused', risk: 'low', line: 2, message: expect.stringMatching(message) },
    ]);
  });
});

describe('a comment that was not needed is told of', () => {
  it.each([
    ['above a statement that does not do it', '-- lockkeeper: allow table-dropped because x\nSELECT 1;', 1],
    ['one of its rules', '-- lockkeeper: allow table-dropped, table-renamed because x\nDROP TABLE t;', 1],
    ['below all statements', 'DROP TABLE t;\n\n-- lockkeeper: allow table-dropped because x', 3],
    ['above BEGIN', '-- lockkeeper: allow table-dropped because x\nBEGIN; SELECT 1; COMMIT;', 1],
  ])('%s', async (_, sql, line) => {
    const unused = (await findingsIn(sql)).filter(({ rule }) => rule === 'allowance-unused');
    expect(unused).toMatchObject([{ risk: 'low', line }]);
  });
});

it('reads the comment whatever its case and spaces', () => {
  expect(allowanceIn({ text: 'ALLOW  table-dropped ,column-dropped  BECAUSE  they are empty' })).toEqual({
    rules: ['table-dropped', 'column-dropped'],
    reason: 'they are empty',
  });
});
