import { decode } from './decode.js';
import { judge } from './judge.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const judged = (bytes: Uint8Array | string) =>
  judge('a.sql', decode(typeof bytes === 'string' ? Buffer.from(bytes) : bytes), {});

it('judges a file by itself, with the line of each finding', async () => {
  expect(
    await judged('-- why\r\nALTER TABLE a ADD COLUMN b text;\r\n\r\nDROP TABLE "Größe", b;\r\n'),
  ).toMatchObject({
    file: 'a.sql',
    risk: 'very-high',
    coverage: { analysed: 2, total: 2 },
    findings: [{ rule: 'table-dropped', line: 4, statement: 'DROP TABLE "Größe", b' }],
  });
});

it('reads a byte order mark, an empty file and one with comments alone', async () => {
  expect(await judged('\ufeffDROP TABLE a;')).toMatchObject({ risk: 'very-high', coverage: { total: 1 } });
  for (const nothing of ['', '\n', '-- nothing\n', '/* nothing */ ;'])
    expect(await judged(nothing)).toEqual({
      file: 'a.sql',
      risk: 'low',
      coverage: { analysed: 0, total: 0 },
      findings: [],
    });
});

describe.each([
  ['Latin-1', latin1("\nSELECT 1;\nCOMMENT ON TABLE a IS 'Größe';\nDROP TABLE a;"), 3, /0xf6 is no UTF-8/],
  ['UTF-16 with its mark', Buffer.from('\ufeffSELECT 1;\nDROP TABLE a;', 'utf16le'), 1, /UTF-16LE/],
  ['UTF-16 without', Buffer.from('SELECT 1;\nDROP TABLE a;', 'utf16le'), 1, /UTF-16LE/],
  ['UTF-16, big end first', Buffer.from('\ufeffSELECT 1;\nDROP TABLE a;', 'utf16le').swap16(), 1, /UTF-16BE/],
])('a file in %s', (_, bytes, line, why) => {
  it('is of very high risk, says why, and is judged all the same', async () => {
    const { risk, findings, coverage } = await judged(bytes);
    expect(risk).toBe('very-high');
    expect(findings.map(({ rule }) => rule)).toEqual(['unreadable-sql', 'table-dropped']);
    expect(findings[0]).toMatchObject({ line, message: expect.stringMatching(why) });
    expect(coverage.total - coverage.analysed).toBe(1);
  });
});

it('knows nothing of a file judged before', async () => {
  await judged('CREATE TABLE a (id int);');
  expect(await judged('CREATE INDEX i ON a (id);')).toMatchObject({ risk: 'medium' });
});

it('takes the version of the server into account', async () => {
  const sql = decode(Buffer.from('ALTER TABLE a ADD COLUMN b int DEFAULT 1'));
  expect((await judge('a.sql', sql, { postgres: 10 })).risk).toBe('high');
  expect((await judge('a.sql', sql, { postgres: 11 })).risk).toBe('low');
});
