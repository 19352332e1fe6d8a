import { Problem } from '../domain/problem.js';
import { newPhasesCommand, type NewPhasesOptions } from './phases.js';
import { phasesText } from './phases-text.js';
import type { Io } from './io.js';

const refused: [intent: string, Partial<NewPhasesOptions>, says: RegExp][] = [
  ['rename-colum', { table: 'orders' }, /no intent rename-colum; did you mean rename-column\?/],
  ['rename-column', {}, /--table is missing/],
  ['rename-column', { table: 'orders', column: ['note'] }, /rename-column needs --to/],
  ['move-column', { table: 'orders', column: ['note'] }, /move-column needs --to-table, --by/],
  ['check', { table: 'orders' }, /check needs --expression, --name/],
  ['not-null', { table: 'orders', column: ['note'], set: ['note'] }, /--set takes COLUMN=…, not note/],
  ['drop-column', { table: 'orders', column: ['note'], change: 'No Name' }, /--change takes 1 to 40/],
];

it.each(refused)('%s %j is wrong use, told before anything is asked', async (intent, options, says) => {
  const problem = await newPhasesCommand(
    intent,
    undefined,
    { config: '/nowhere/lockkeeper.yaml', ...options } as NewPhasesOptions,
    {} as Io,
  ).catch((error: unknown) => error as Problem);
  expect(problem).toBeInstanceOf(Problem);
  expect([(problem as Problem).code, (problem as Problem).told.what]).toEqual([
    'wrong-use',
    expect.stringMatching(says),
  ]);
});

it('says phase by phase what is written, and what is to be done with it', () => {
  const revision = (phase: 'expand' | 'contract', file: string | null) => ({
    ...{ phase, does: `${phase} it`, file, upgrades: 'op.execute("…")', downgrades: 'pass' },
  });
  const made = {
    ...{ change: 'orders-note', folder: '/srv/shop', notes: ['It takes a moment.'] },
    fills: [{ file: 'versions/orders-note.backfill.yaml', kind: 'backfill' as const, text: 'table: orders' }],
  };
  const written = [revision('expand', 'versions/0002_expand.py'), revision('contract', 'versions/0003.py')];
  expect(phasesText({ ...made, revisions: written }, 'shop').split('\n')).toEqual([
    'orders-note: written below /srv/shop',
    '',
    'expand: with the release before the code',
    '  versions/0002_expand.py  expand it',
    '',
    'backfill: when it is deployed',
    '  /srv/shop/versions/orders-note.backfill.yaml',
    '',
    'contract: when no old code is left',
    '  versions/0003.py  contract it',
    '',
    'To know',
    '  - It takes a moment.',
    '',
    'Read them, and give each phase to the release that it belongs to: lockkeeper check shop',
  ]);
  const dry = phasesText({ ...made, revisions: [revision('expand', null)] }, 'shop');
  expect(dry).toMatch(/^orders-note: nothing is written \(--dry-run\)/);
  expect(dry).toMatch(/ {2}expand it\n {6}op\.execute\("…"\)/);
  expect(dry).not.toMatch(/give each phase/);
});
