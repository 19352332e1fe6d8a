import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { changeFile } from '../../src/config/change.js';
import { Problem } from '../../src/domain/problem.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const schema = ajv.compile(JSON.parse(read('schema/change.schema.json')) as object);

const isTaken = (text: string): boolean => {
  try {
    changeFile(text, 'change.yaml');
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
};
const examplesIn = (page: string): string[] =>
  [...read(page).matchAll(/```yaml\n([^]*?)```/g)]
    .map(([, text]) => text!)
    .filter((text) => /^change:/m.test(text));
const fill = '{table: orders, set: {remark: note}}';

it.each([
  ...[...examplesIn('docs/phases.md'), ...examplesIn('docs/change-file.md')],
  ...[
    'change: a',
    `change: a\nbackfill: {settings: ${fill}}`,
    `change: a\nbackfill: {settings: [${fill}, ${fill}]}`,
  ],
])('an editor takes what Lockkeeper takes: %s', (text) => {
  expect(isTaken(text)).toBe(true);
  schema(parse(text));
  expect(schema.errors).toBeNull();
});

it.each([
  ...[
    'release: r2',
    'change: a\nexpend: {}',
    'change: a\ncontract: {after: 3}',
    'change: a\nconstrain: {ask: 1}',
  ],
  ...['change: a\nbackfill: {settings: {tabel: orders}}', 'change: a\nbackfill: {settings: []}'],
])('and faults what Lockkeeper refuses: %s', (text) => {
  expect(isTaken(text)).toBe(false);
  expect(schema(parse(text))).toBe(false);
});

it('the pages have an example each', () => {
  expect(examplesIn('docs/phases.md')).toHaveLength(1);
  expect(examplesIn('docs/change-file.md')).toHaveLength(1);
});
