import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { scaffoldRule } from '../../scripts/scaffold-rule.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
/** The project's own settings of unit tests, without the set-up of everything else. */
const jestConfig = `import all from '${join(root, 'jest.config.mjs')}';
const { transform, moduleNameMapper, extensionsToTreatAsEsm } = all.projects.find((one) => one.displayName === 'unit');
export default { testEnvironment: 'node', transform, moduleNameMapper, extensionsToTreatAsEsm };
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-new-rule-'));
  for (const part of ['src/rules', 'src/sql', 'src/domain', 'src/schema', 'src/locks', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'jest.config.mjs'), jestConfig);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('npm run new-rule', () => {
  it('writes a rule with its test and registration that pass the tests of the catalogue', () => {
    const rules = join(folder, 'src/rules');
    const files = scaffoldRule('orders-emptied', rules);
    expect(files.map((file) => file.slice(rules.length + 1))).toEqual([
      'orders-emptied.ts',
      'orders-emptied.test.ts',
      'catalogue.ts',
    ]);
    const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--ci'];
    const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
    // Throws, with jest's words, when a test fails.
    execFileSync(process.execPath, [...jest, 'orders-emptied', 'catalogue'], {
      cwd: folder,
      env,
      stdio: 'pipe',
    });
  });

  it('puts the import where the alphabet wants it, wherever that is', () => {
    const rules = join(folder, 'src/rules');
    for (const id of ['aaa-first', 'zzz-last', 'middle-one']) scaffoldRule(id, rules);
    const imports = [
      ...readFileSync(join(rules, 'catalogue.ts'), 'utf8').matchAll(/^import \w+ from '(.*)';$/gm),
    ];
    const paths = imports.map(([, path]) => path);
    expect(paths).toEqual([...paths].sort());
    expect(paths).toContain('./zzz-last.js');
  });

  it.each(['Orders', 'orders', '../evil-rule', 'a_b', ''])('refuses the id %p', (id) => {
    expect(() => scaffoldRule(id, join(folder, 'src/rules'))).toThrow('is no id of a rule');
  });

  it('refuses an id that is taken', () => {
    expect(() => scaffoldRule('table-dropped', join(folder, 'src/rules'))).toThrow(
      'there is a rule table-dropped already',
    );
  });
});
