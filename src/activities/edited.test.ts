import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { editedSince } from './edited.js';

const state = mkdtempSync(join(tmpdir(), 'lockkeeper-edited-'));
afterAll(() => rmSync(state, { recursive: true }));
mkdirSync(join(state, 'records/shop'), { recursive: true });
mkdirSync(join(state, 'plans'));

/** A deploy that ran those files. */
function ran(at: string, files: Record<string, string>, { done = true, migrated = true } = {}): void {
  const revisions = Object.entries(files).map(([revision, sha256]) => ({ revision, sha256 }));
  writeFileSync(join(state, `plans/${at}.json`), JSON.stringify({ revisions }));
  const facts = [
    { at, kind: 'planned', plan: { planHash: at } },
    ...(migrated ? [{ at, kind: 'finished', step: 'migrate' }] : []),
  ];
  const record = { target: 'shop', runId: at, kind: 'deploy', outcome: done ? 'done' : 'undone', facts };
  writeFileSync(join(state, `records/shop/${at}.json`), JSON.stringify(record));
}

const now = (revision: string, sha256: string) => ({ revision, file: `versions/${revision}.py`, sha256 });

it('names what ran with another file than the one that is there now', async () => {
  ran('2026-01-01', { a: 'old', b: 'same', d: 'undone since' });
  ran('2026-01-02', { a: 'new', c: 'ran' });
  ran('2026-01-03', { a: 'x', b: 'x', c: 'x' }, { migrated: false });
  ran('2026-01-04', { a: 'y', b: 'y', c: 'y' }, { done: false });
  const applied = [now('a', 'new'), now('b', 'same'), now('c', 'edited'), now('e', 'never ran here')];
  expect(await editedSince(state, 'shop', applied)).toEqual([
    { revision: 'c', file: 'versions/c.py', ran: 'ran' },
  ]);
});

it('says nothing where nothing is known', async () => {
  expect(await editedSince(state, 'another', [now('a', 'x')])).toEqual([]);
});
