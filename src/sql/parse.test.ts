import fc from 'fast-check';
import { kindOf } from './ast.js';
import { parse } from './parse.js';

/** What was read, short: kind or `unreadable`, line, text. */
const read = async (sql: string) =>
  (await parse(sql)).map((part) => [
    'node' in part ? kindOf(part.node) : `unreadable: ${part.why}`,
    part.line,
    part.text,
  ]);

describe('parse', () => {
  it('reads statements with their lines and places, comments and white space left out', async () => {
    const sql = '-- first\nSELECT 1;\n\n/* second\n*/ ALTER TABLE t\n  ADD COLUMN c int;\n';
    expect(await read(sql)).toEqual([
      ['SelectStmt', 2, 'SELECT 1'],
      ['AlterTableStmt', 5, 'ALTER TABLE t\n  ADD COLUMN c int'],
    ]);
  });

  it('counts characters, not bytes, whatever the language', async () => {
    const sql = `SELECT 'één 😀';\nCOMMENT ON TABLE "테이블" IS '설명';\nSELECT 2`;
    const parts = await parse(sql);
    expect(parts.map(({ text, offset }) => sql.slice(offset, offset + text.length) === text)).toEqual([
      true,
      true,
      true,
    ]);
    expect(parts.map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  it('finds nothing in nothing', async () => {
    for (const sql of ['', '  \n', '-- only a comment', ';;']) expect(await parse(sql)).toEqual([]);
  });

  it('reads Windows line ends and a byte order mark', async () => {
    expect(await read('\ufeffSELECT 1;\r\nSELECT 2;\r\n')).toEqual([
      ['SelectStmt', 1, 'SELECT 1'],
      ['SelectStmt', 2, 'SELECT 2'],
    ]);
  });

  it('reads the statements around one that cannot be read, and says what the parser says', async () => {
    expect(await read("SELECT 1;\nSELEC ';';\nSELECT $$a;b$$;")).toEqual([
      ['SelectStmt', 1, 'SELECT 1'],
      ['unreadable: syntax error at or near "SELEC"', 2, "SELEC ';';"],
      ['SelectStmt', 3, 'SELECT $$a;b$$'],
    ]);
  });

  it('tells commands of psql from SQL', async () => {
    expect(await read('\\set ON_ERROR_STOP on\nSELECT 1;\n  \\d orders\nSELECT 2;')).toEqual([
      ['unreadable: a command of psql, not SQL', 1, '\\set ON_ERROR_STOP on'],
      ['SelectStmt', 2, 'SELECT 1'],
      ['unreadable: a command of psql, not SQL', 3, '\\d orders'],
      ['SelectStmt', 4, 'SELECT 2'],
    ]);
  });

  it('passes over the rows of COPY, which the statement before them stands for', async () => {
    expect(await read("COPY t (a) FROM stdin;\n1;DROP TABLE t;\nit's\n\\.\nSELECT 1;")).toEqual([
      ['CopyStmt', 1, 'COPY t (a) FROM stdin'],
      ['SelectStmt', 5, 'SELECT 1'],
    ]);
    const cut = await read("COPY t FROM stdin;\nit's");
    expect(cut[1]?.[0]).toMatch(/rows of COPY without the line/);
  });

  it('never lets a NUL byte hide what follows it', async () => {
    const parts = await read('SELECT 1;\nSELECT 2\0; DROP TABLE orders;');
    expect(parts).toEqual([
      ['SelectStmt', 1, 'SELECT 1'],
      ['unreadable: it holds a NUL byte', 2, 'SELECT 2\0;'],
      ['DropStmt', 2, 'DROP TABLE orders'],
    ]);
  });

  it.each([
    ['a text without its end', "SELECT 'abc"],
    ['a comment without its end', 'SELECT 1; /* /* */'],
    ['a dollar quote without its end', 'DO $x$ BEGIN'],
    ['half a character', "SELECT '\ud800'"],
    ['brackets 30,000 deep', `SELECT ${'('.repeat(30_000)}1${')'.repeat(30_000)}`],
    ['a sum of 30,000 terms', `SELECT ${'1+'.repeat(30_000)}1`],
  ])('survives %s', async (_, sql) => {
    await expect(parse(sql)).resolves.toBeDefined();
    expect(await read('SELECT 1')).toEqual([['SelectStmt', 1, 'SELECT 1']]);
  });

  it('reads a statement of 5 MB, and 50,000 statements of which one is broken', async () => {
    const rows = Array.from({ length: 250_000 }, (_, n) => `(${n},'abcdefghij')`).join(',');
    expect(await parse(`INSERT INTO t VALUES ${rows}`)).toHaveLength(1);
    const many = `${'SELECT 1;\n'.repeat(50_000)}SELEC 2;`;
    const parts = await parse(many);
    expect(parts).toHaveLength(50_001);
    expect(parts.at(-1)).toMatchObject({ line: 50_001 });
  });

  it('loses no text and never throws, whatever it is given', async () => {
    const bits = fc.constantFrom(
      ...[
        'SELECT 1',
        'DROP TABLE t',
        ';',
        "'",
        '"',
        '$$',
        '$x$',
        '--',
        '\n',
        '/*',
        '*/',
        '\\d',
        '\0',
        "E'\\'",
        'é',
        ' ',
      ],
    );
    const texts = fc.array(bits, { maxLength: 14 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(texts, async (sql) => {
        const parts = await parse(sql);
        for (const part of parts)
          expect(sql.slice(part.offset, part.offset + part.text.length)).toBe(part.text);
        // What is in no part is white space, semicolons or comments.
        const missed = parts.reduceRight(
          (rest, { offset, text }) => rest.slice(0, offset) + rest.slice(offset + text.length),
          sql,
        );
        if (parts.length === 0) expect(sql.replace(/--[^\n]*|\/\*[^]*?\*\/|[;\s]/g, '')).toBe('');
        else expect(missed.replace(/--[^\n]*|\/\*[^]*\*\//g, '')).not.toMatch(/DROP|SELECT/);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
