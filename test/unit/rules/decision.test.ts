import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rules } from '../../../src/rules/catalogue.js';

const page = readFileSync(
  fileURLToPath(new URL('../../../docs/decisions/0007-hazards-and-rules.md', import.meta.url)),
  'utf8',
);
const named = [...page.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].flatMap(([, id]) => id ?? []);
const ids = rules.map(({ id }) => id);

it('names only rules that there are', () => {
  expect(named.filter((name) => !ids.includes(name))).toEqual([]);
});

it('names every rule that there is', () => {
  expect(ids.filter((id) => !named.includes(id))).toEqual([]);
});

it('says of every hazard which rule tells of it, or why none does', () => {
  const rows = page.split('\n').flatMap((line) => /^\| (N?\d+) \| (.+) \| (.+) \|$/.exec(line) ?? []);
  const numbers = rows.filter((_, index) => index % 4 === 1);
  const expected = [
    ...Array.from({ length: 154 }, (_, index) => String(index + 1)),
    ...Array.from({ length: 48 }, (_, index) => `N${index + 1}`),
  ];
  expect(numbers).toEqual(expected);
});
