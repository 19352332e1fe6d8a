import { isChangeName, phaseComment, phasedBy } from '../domain/phased.js';
import { concurrently, exchange, indexOn, referenceOn } from './exchange.js';
import { revisionIds } from './ids.js';
import { nameOf, renamed } from './names.js';
import { pythonText } from './python.js';

it.each([
  ['(note IS NOT NULL)', '(remark IS NOT NULL)'],
  [`(note <> 'a note'::text)`, `(remark <> 'a note'::text)`],
  ['note(note)', 'note(remark)'],
  ['(a)::note', '(a)::note'],
  ['(notes > note2)', '(notes > note2)'],
  ['("note" > other.note)', '("note" > other.note)'],
])('%s with another column is %s', (from, to) => expect(exchange(from, 'note', 'remark')).toBe(to));

it('definitions of PostgreSQL on another column, under another name', () => {
  const definition =
    'CREATE UNIQUE INDEX note ON public.note USING btree (lower(note), id) WHERE (note IS NOT NULL)';
  expect(concurrently(indexOn(definition, 'note', 'remark'), 'x', 'note')).toBe(
    'CREATE UNIQUE INDEX CONCURRENTLY x ON note USING btree (lower(remark), id) WHERE (remark IS NOT NULL)',
  );
  expect(referenceOn('FOREIGN KEY (id) REFERENCES t(id)', 'id', 'id_new')).toBe(
    'FOREIGN KEY (id_new) REFERENCES t(id)',
  );
});

it('names fit into 63 bytes and stay different', () => {
  const [one, other] = [nameOf('t', 'ä'.repeat(40), 'a'), nameOf('t', 'ä'.repeat(40), 'b')];
  expect(Buffer.byteLength(one)).toBeLessThanOrEqual(65);
  expect(one).not.toBe(other);
  expect(renamed('ix_orders_note', 'note', 'remark', new Set())).toBe('ix_orders_remark');
  expect(renamed('ix_orders_note', 'note', 'remark', new Set(['ix_orders_remark']))).toBe(
    'ix_orders_note_remark_new',
  );
  expect(renamed('odd', 'note', 'remark', new Set())).toBe('odd_remark');
});

it.each([
  ['SELECT 1', '"SELECT 1"'],
  ['a "b" c', '"""a "b" c"""'],
  ['a "b"', '"a \\"b\\""'],
  [`x::int, ':name', a := b`, `"x::int, '\\\\:name', a := b"`],
])('%s as Python has it', (sql, python) => expect(pythonText(sql)).toBe(python));

it('ids go on with the numbers of the project, or are left to Alembic', () => {
  const drafts = [{ phase: 'expand' as const, does: '', up: [], down: [] }];
  expect(revisionIds('0009_x', drafts)).toEqual(['0010_expand']);
  expect(revisionIds('ae1027a6acf', drafts)).toEqual([null]);
});

it('reads which part of which change a revision is, and nothing else', () => {
  const line = (text: string) => ({ line: 1, text });
  const phased = { phase: 'backfill' as const, change: 'orders-note' };
  expect(phasedBy([line('# lockkeeper: allow x because y'), line(phaseComment(phased))])).toEqual(phased);
  for (const text of [
    '# lockkeeper: phase deploy of a',
    '# lockkeeper: phase expand',
    '# phase expand of a',
    '# lockkeeper: phase expand of A B',
  ])
    expect(phasedBy([line(text)])).toBeUndefined();
  expect([isChangeName('a'), isChangeName('-a'), isChangeName('a'.repeat(41))]).toEqual([true, false, false]);
});
