import { Problem } from '../domain/problem.js';
import { spanIn } from '../domain/phases/settings.js';
import { changeFile, changeOf, spokenOf } from './change.js';

const faultsIn = (text: string): string => {
  try {
    changeFile(text, 'change.yaml');
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  return '';
};

it('a change alone has sensible waits: contract after 7 days, and a person says so', () => {
  const { expand, constrain, contract } = changeOf('note');
  expect([expand.after, expand.ask, constrain.after]).toEqual(['0s', false, '0s']);
  expect([contract.after, contract.ask, contract.proofEvery]).toEqual(['7d', true, '10m']);
});

it('a file is sent as it was written, without its name', () => {
  const read = changeFile('change: note\nrelease: r2\ncontract: {after: 2d, ask: false}\n', 'change.yaml');
  expect(read).toEqual({
    change: 'note',
    settings: { release: 'r2', contract: { after: '2d', ask: false } },
  });
  expect(spokenOf(read.settings)).toEqual(['contract']);
});

it('all faults are told at once, each with its line', () => {
  const faults = faultsIn(
    'change: Note\nexpand: {after: soon}\nbackfill:\n  none: true\n  settings: {table: t, set: {a: b}}\nconstraint: {}\n',
  );
  expect(faults).toMatch(/line 1: change: expected 1 to 40/);
  expect(faults).toMatch(/line 2: expand\.after: expected 0s, 30m, 12h, 7d/);
  expect(faults).toMatch(/line 3: backfill: expected either none or settings/);
  expect(faults).toMatch(/line 6: constraint/);
});

it('faults of a backfill are those of its own file', () => {
  expect(faultsIn('change: note\nbackfill: {settings: {table: orders}}\n')).toMatch(/backfill\.settings/);
});

it('spans', () => {
  expect(['0s', '30m', '12h', '7d'].map(spanIn)).toEqual([0, 1_800_000, 43_200_000, 604_800_000]);
  expect(['', '7', '-1d', '366d', '1w'].map(spanIn)).toEqual(Array(5).fill(undefined));
});
