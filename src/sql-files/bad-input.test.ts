import { decode } from './decode.js';
import { judge } from './judge.js';

const judged = (text: string) => judge('a.sql', { text }, {});
const quick = async (text: string) => {
  const begun = Date.now();
  const verdict = await judged(text);
  expect(Date.now() - begun).toBeLessThan(90_000);
  return verdict;
};
const unreadIn = async (text: string) =>
  (await judged(text)).findings.flatMap(({ rule, line, message }) =>
    rule === 'unreadable-sql' ? [`${line}: ${message.replace('this could not be read as SQL: ', '')}`] : [],
  );

describe('what cannot be read is named with its line, and the rest is judged', () => {
  it.each([
    [
      'SQL that is wrong',
      'SELECT 1;\n\nALTER TABEL x;\nDROP TABLE y;',
      ['3: syntax error at or near "TABEL"'],
    ],
    [
      'commands of psql',
      '\\set ON_ERROR_STOP on\nDROP TABLE y;\n\\i b.sql',
      ['1: a command of psql, not SQL', '3: a command of psql, not SQL'],
    ],
    ['a NUL byte', 'SELECT 1;\nSELECT \0 2;\nDROP TABLE y;', ['2: it holds a NUL byte']],
    [
      'PostgreSQL 19',
      'ALTER TABLE p SPLIT PARTITION a INTO (PARTITION b FOR VALUES IN (1));\nDROP TABLE y;',
      ['1: syntax error at or near "SPLIT"'],
    ],
    [
      'a quote that nobody ends',
      "DROP TABLE y;\nSELECT 'a;\n",
      ['2: unterminated quoted string at or near "\'a;"'],
    ],
    [
      'a block that nobody ends',
      'DROP TABLE y;\nDO $a$ BEGIN END;\n',
      ['2: unterminated dollar-quoted string at or near "$a$ BEGIN END;"'],
    ],
  ])('%s', async (_, sql, expected) => {
    expect((await unreadIn(sql)).map((line) => line.split('\n')[0])).toEqual(expected);
    const { risk, findings, coverage } = await judged(sql);
    expect(risk).toBe('very-high');
    expect(findings.map(({ rule }) => rule)).toContain('table-dropped');
    expect(coverage.total - coverage.analysed).toBe(expected.length);
  });
});

it('rows of COPY are no statements', async () => {
  const sql = 'COPY t (a) FROM stdin;\nDROP TABLE no;\n\\N\n\\.\nCREATE INDEX i ON t (a);';
  expect(await judged(sql)).toMatchObject({ coverage: { analysed: 2, total: 2 } });
  expect((await judged(sql)).findings.map(({ rule, line }) => `${line} ${rule}`)).toEqual(
    expect.arrayContaining(['5 index-blocks-writes']),
  );
  expect(await unreadIn('COPY t FROM stdin;\n1\n2\n')).toHaveLength(1);
});

it('dollar quotes hide what is in them, whatever their tag', async () => {
  const sql = 'COMMENT ON TABLE a IS $x$ ; DROP TABLE b; $$ $x$;\nCREATE INDEX i ON a (b);';
  expect((await judged(sql)).findings).toMatchObject([{ rule: 'index-blocks-writes', line: 2 }]);
});

it('Windows line ends count as one, and names keep their letters and quotes', async () => {
  const { findings } = await judged('SELECT 1;\r\n-- é\r\nDROP TABLE "Großes ""Ding""; x", käse;\r\n');
  expect(findings).toMatchObject([
    {
      ...{ line: 3, statement: 'DROP TABLE "Großes ""Ding""; x", käse' },
      relations: [{ name: '"Großes ""Ding""; x"' }, { name: '"käse"' }],
    },
  ]);
});

it('bodies of functions are no statements of the migration', async () => {
  const sql = 'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE a; END $$;';
  expect((await judged(sql)).risk).toBe('low');
  expect((await judged(`${sql}\nSELECT f();`)).findings).toMatchObject([
    { rule: 'function-called', line: 2 },
  ]);
});

describe('sizes', () => {
  it('one statement of 5 MB', async () => {
    const rows = Array.from({ length: 180_000 }, (_, i) => `(${i}, 'value number ${i}')`).join(',\n');
    const { findings, coverage } = await quick(`INSERT INTO t VALUES ${rows};\nDROP TABLE t;`);
    expect(coverage.total).toBe(2);
    expect(findings.at(-1)).toMatchObject({ rule: 'table-dropped', line: 180_001 });
  });

  it('50,000 statements', async () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `ALTER TABLE t ADD COLUMN c${i} text;`).join('\n');
    const { coverage, findings } = await quick(`${many}\nDROP TABLE t;`);
    expect(coverage).toEqual({ analysed: 50_001, total: 50_001 });
    expect(findings.at(-1)).toMatchObject({ rule: 'table-dropped', line: 50_001 });
  });

  it('50,000 statements, one of them wrong', async () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `SELECT ${i};`).join('\n');
    expect((await quick(`${many}\nALTER TABEL x;`)).coverage).toEqual({ analysed: 50_000, total: 50_001 });
  });

  it.each([
    [
      '20,000 comments that speak to us',
      'SELECT 1; -- lockkeeper: allow table-dropped because x\n'.repeat(20_000),
      'low',
    ],
    ['comments nested 100,000 deep', '/*'.repeat(100_000), 'very-high'],
    ['brackets nested 20,000 deep', `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)};`, 'very-high'],
    ['300,000 quotes', `${"'".repeat(300_001)};`, 'very-high'],
    ['a million semicolons', ';'.repeat(1_000_000), 'low'],
    ['a million line ends', `${'\n'.repeat(1_000_000)}DROP TABLE a;`, 'very-high'],
  ])('%s', async (_, sql, risk) => expect((await quick(sql)).risk).toBe(risk));

  it('a megabyte of noise', async () => {
    const noise = Buffer.alloc(1_000_000, 0).map((_, i) => (i * 7919 + (i >> 3)) % 256);
    expect((await judge('a.sql', decode(noise), {})).risk).toBe('very-high');
  });
});
