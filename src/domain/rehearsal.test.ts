import { MOST_BYTES, type Rehearsal, timesOf, travelling } from './rehearsal.js';

const whole: Rehearsal = {
  backupProved: 'L3',
  restoreMs: 1,
  bytes: 1,
  forwardMs: 1,
  backMs: 1,
  againMs: null,
  noWayBack: null,
  againFailed: 'type "mood" already exists',
  revisions: [],
  statements: 0,
  schemaBack: 'same',
  rowsBack: 'same',
  checks: 'passed',
  file: '/state/rehearsals/1.json',
};

it('adds up what each revision took, and names its longest statement', () => {
  const times = timesOf([
    { event: 'statement', revision: 'a', sql: 'CREATE TABLE\n  t (id int)', ms: 5 },
    { event: 'statement', revision: 'a', sql: 'CREATE INDEX', ms: 2 },
    { event: 'step_done', revision: 'a', ms: 9 },
    { event: 'step_done', revision: 'b', ms: 1 },
  ]);
  expect(times).toEqual([
    { revision: 'a', ms: 9, longestStatementMs: 5, longestStatement: 'CREATE TABLE t (id int)' },
    { revision: 'b', ms: 1, longestStatementMs: 0, longestStatement: '' },
  ]);
});

it('travels as it is when it is small', () => {
  expect(travelling(whole)).toEqual(whole);
});

it.each(['x', 'é', '한'])(
  'travels small, with the slowest revisions in order, however long it was (%s)',
  (character) => {
    const text = character.repeat(500);
    const revisions = Array.from({ length: 300 }, (_, index) => ({
      revision: `r${index}`,
      ms: index,
      longestStatementMs: index,
      longestStatement: character.repeat(120),
    }));
    const lines = Array.from({ length: 400 }, () => text);
    const small = travelling({
      ...whole,
      revisions,
      schemaBack: lines,
      rowsBack: lines,
      checks: lines,
      againFailed: text,
    });
    expect(new TextEncoder().encode(JSON.stringify(small)).length).toBeLessThanOrEqual(MOST_BYTES);
    expect(small.revisions.length).toBeGreaterThanOrEqual(5);
    expect(small.revisions.at(-1)?.revision).toBe('r299');
    expect(small.revisions[0]?.ms).toBe(300 - small.revisions.length);
    expect(small.schemaBack.at(-1)).toBe('and 392 more');
  },
);
