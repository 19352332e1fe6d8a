import { parse } from './parse.js';

const notes = async (sql: string) =>
  (await parse(sql)).map(({ text, notes: own = [], below = [] }) => [
    text.slice(0, 20),
    ...own.map((note) => `${note.line}: ${note.text}`),
    ...below.map((note) => `below ${note.line}: ${note.text}`),
  ]);

it('gives a statement the notes above it, in it, and behind it on its last line', async () => {
  expect(
    await notes(
      [
        'SELECT 1; -- lockkeeper: first',
        '',
        '-- Lockkeeper: second',
        '-- why that is',
        '/* lockkeeper : third,',
        '   on two lines */',
        'SELECT 2, -- lockkeeper: fourth',
        '  é -- lockkeeper: fifth',
        '; /*lockkeeper:sixth*/ SELECT 3;',
        'SELECT 4 -- lockkeeper: seventh',
        '-- lockkeeper: eighth',
      ].join('\n'),
    ),
  ).toEqual([
    ['SELECT 1', '1: first'],
    ['SELECT 2, -- lockkee', '3: second', '5: third, on two lines', '7: fourth', '8: fifth', '9: sixth'],
    ['SELECT 3'],
    ['SELECT 4 -- lockkeep', '10: seventh', '11: eighth'],
  ]);
});

it('keeps apart what stands below the last statement', async () => {
  expect(await notes('SELECT 1;\n-- lockkeeper: too late')).toEqual([['SELECT 1', 'below 2: too late']]);
});

it('reads no note in quotes, in code, in rows of COPY, or where it is not the first word', async () => {
  const sql =
    'SELECT \'-- lockkeeper: a\', "-- lockkeeper: b", $$ -- lockkeeper: c $$; -- see lockkeeper: d\n' +
    'COPY a FROM stdin;\n-- lockkeeper: e\n\\.\nSELECT 2;';
  expect((await notes(sql)).flatMap((one) => one.slice(1))).toEqual([]);
});

it('finds them beside what cannot be read', async () => {
  expect(await notes('-- lockkeeper: a\nALTER TABEL x;\n-- lockkeeper: b\nSELECT 1;')).toEqual([
    ['-- lockkeeper: a\nALT', '1: a'],
    ['SELECT 1', '3: b'],
  ]);
});
