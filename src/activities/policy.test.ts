import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, targetOf } from '../config/load.js';
import type { Problem } from '../domain/problem.js';
import { policyOf } from './policy.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockkeeper-policy-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

const rule = (id: string, more = '') => `export default {
  id: '${id}', risk: 'high', effect: 'e', blocks: 'nobody', instead: { says: 'i' }, check() {}, ${more}
};`;

async function policy(check: string) {
  write(
    'lockkeeper.yaml',
    `version: 1\ntargets:\n  shop:\n    database: { url: '\${URL}' }\n    check:\n${check.replace(/^/gm, '      ')}\n`,
  );
  const config = loadConfig(join(folder, 'lockkeeper.yaml'));
  return policyOf({ ...targetOf(config), config });
}
const why = (check: string): Promise<string> =>
  policy(check).then(
    () => 'no fault',
    (error: Problem) => `${error.code}: ${error.told.what}: ${error.told.why}`,
  );

it('without a section raises nothing and has no rules', async () => {
  expect(await policy('raise: {}')).toEqual({ policy: { raise: {}, busyTables: [], own: [] }, ownRules: [] });
});

it('takes all of it, with the hash of each file of rules', async () => {
  write('a.mjs', rule('no-a'));
  const read = await policy(
    'raise: { no-a: very-high, index-blocks-writes: medium }\nlargeTableGiB: 5\nbusyTables: [orders]\nrules: [./a.mjs]',
  );
  expect(read).toMatchObject({
    policy: {
      raise: { 'no-a': 'very-high' },
      largeTableGiB: 5,
      busyTables: ['orders'],
      own: [{ id: 'no-a', file: './a.mjs' }],
    },
    ownRules: [{ file: './a.mjs', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
});

it.each([
  [
    'a risk that is lower',
    'raise: { table-dropped: high }',
    /line 6: targets.shop.check.raise.table-dropped: high is lower than the rule's own very-high/,
  ],
  [
    'a rule that there is not',
    'raise: { index-block-writes: high }',
    /no such rule; did you mean index-blocks-writes/,
  ],
  [
    'a risk that there is not',
    'raise: { table-dropped: severe }',
    /expected low or medium or high or very-high/,
  ],
  ['TypeScript', 'rules: [a.ts]', /\.mjs or \.js; Node loads no TypeScript, so compile it first/],
  ['a size that is none', 'largeTableGiB: 0', /expected more than 0/],
  ['a setting that there is not', 'busy: [orders]', /no such setting/],
])('%s is a fault of the settings', async (_, check, says) => {
  expect(await why(check)).toMatch(/^settings-faults: /);
  expect(await why(check)).toMatch(says);
});

it.each([
  ['is not there', null, /^own-rule-not-loaded: the rule in a.mjs cannot be loaded: ENOENT/],
  ['is no JavaScript', 'export default {', /^own-rule-not-loaded/],
  ['throws', 'throw new Error("nope")', /^own-rule-not-loaded: .*nope/],
  [
    'exports nothing',
    'export const a = 1;',
    /^own-rule-wrong: what a.mjs exports is no rule: - default export: missing: expected an object/,
  ],
  [
    'exports another thing',
    'export default { id: "No A", risk: "bad" }',
    /- id: expected small letters.*\n- risk: .*\n- effect: missing[^]*check: expected a function/,
  ],
  ['has the id of a rule of ours', rule('table-dropped'), /^own-rule-twice: .* a rule of Lockkeeper has it/],
])('a file of rules that %s', async (_, text, says) => {
  if (text !== null) write('a.mjs', text);
  expect(await why('rules: [a.mjs]')).toMatch(says);
});

it('two rules with one id', async () => {
  write('a.mjs', rule('no-a'));
  write('b.mjs', rule('no-a'));
  expect(await why('rules: [a.mjs, b.mjs]')).toMatch(
    /^own-rule-twice: the id no-a of the rule in b.mjs is taken: a.mjs/,
  );
});
