import { PAGE_BYTES, pagesOf, whyBadRead } from './read.js';

const bytes = (text: string): number => Buffer.byteLength(JSON.stringify(text), 'utf8');

describe('pagesOf', () => {
  it.each([
    ['nothing', ''],
    ['one line', 'SELECT 1'],
    ['Korean without a line end', '점검 중입니다'.repeat(5_000)],
    ['characters of four bytes', '😀'.repeat(20_000)],
    ['what JSON escapes', '\u0001"\\\n\u2028\t\u007f'.repeat(5_000)],
    ['half a pair', `${'x'.repeat(16_381)}\ud83d${'y'.repeat(20_000)}`],
    ['lines', Array.from({ length: 4_000 }, (_, n) => `line ${n} ü`).join('\n')],
  ])('%s: pages of at most 16 KB, which are together the text', (_, text) => {
    const pages = pagesOf(text);
    expect(pages.join('')).toBe(text);
    for (const page of pages) expect(bytes(page)).toBeLessThanOrEqual(PAGE_BYTES);
  });

  it('fills its pages, and counts bytes as JSON does', () => {
    for (const character of ['a', '"', '\n', '\u0001', '\u007f', 'ü', '표', '😀', '\ud83d.'])
      for (const page of pagesOf(character.repeat(2_000), 1_000).slice(0, -1))
        expect(bytes(page)).toBeGreaterThan(988);
  });

  it('ends a page with a whole line where it can', () => {
    expect(pagesOf('one\ntwo\nthree', 12)).toEqual(['one\ntwo\n', 'three']);
    expect(pagesOf('one line', 6)).toEqual(['one ', 'line']);
  });

  it('cuts no character in two, however small the page', () => {
    expect(pagesOf('😀점\n', 1)).toEqual(['😀', '점', '\n']);
  });

  it('is quick with 10 MB', () => {
    const text = `${'x'.repeat(99)}\n`.repeat(100_000);
    const began = performance.now();
    expect(pagesOf(text).length).toBeGreaterThan(600);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('whyBadRead', () => {
  it.each([
    { target: 'shop', what: 'check', hash: '5c1e7ab2' },
    { target: 'shop', what: 'rehearsal', hash: 'a'.repeat(64), page: 3 },
    { target: 'shop', what: 'record' },
    { target: 'shop', what: 'report', run: '0198ab12-7c1d' },
  ])('takes %j', (request) => {
    expect(whyBadRead(request)).toBeNull();
  });

  it.each([
    [undefined, 'this takes one JSON object'],
    ['plan', 'this takes one JSON object'],
    [{ what: 'plan' }, '"target" is missing'],
    [{ target: 'shop', what: 'passwd' }, '"what" must be one of check, plan, sql'],
    [{ target: 'shop', what: 'constructor' }, '"what" must be one of'],
    [{ target: 'shop', what: 'plan' }, '"hash" is missing'],
    [{ target: 'shop', what: 'plan', hash: '../../../etc/passwd' }, 'and no path; got "../../../etc/passwd"'],
    [{ target: 'shop', what: 'plan', hash: 'plans/5c1e7ab2' }, 'and no path'],
    [{ target: 'shop', what: 'plan', hash: '5c1e7ab2\n' }, 'hexadecimal digits'],
    [{ target: 'shop', what: 'plan', hash: '5c1e' }, '8 to 64 hexadecimal digits'],
    [{ target: 'shop', what: 'plan', hash: ['5c1e7ab2'] }, '8 to 64 hexadecimal digits'],
    [{ target: 'shop', what: 'plan', run: '5c1e7ab2' }, 'a plan is named by its "hash"'],
    [{ target: 'shop', what: 'record', run: '../secrets' }, '"run" must be the id of a run'],
    [{ target: 'shop', what: 'record', hash: '5c1e7ab2' }, 'a record is named by its "run"'],
    [{ target: 'shop', what: 'record', page: 0 }, '"page" must be a number: 1 is the first'],
    [{ target: 'shop', what: 'record', page: '2' }, '"page" must be a number'],
    [{ target: 'shop', what: 'record', path: '/etc/passwd' }, 'unknown: path; known are target'],
  ])('says what is wrong with %j', (request, why) => {
    expect(whyBadRead(request)).toContain(why);
  });
});
