import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leftOver } from '../../scripts/pages/left-over.js';
import { rulePages } from '../../scripts/pages/rules.js';
import { rules } from '../../src/rules/catalogue.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the generated pages of rules', () => {
  it('are one a rule, and a list that leads to each', () => {
    const pages = rulePages();
    expect(pages).toHaveLength(rules.length + 1);
    for (const { id } of rules) expect(pages[0]?.text).toContain(`[${id}](${id}.md)`);
  });

  it.each(rulePages())('$path is what `npm run docs` writes now', ({ path, text }) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  it('are all there is: a page of a rule that is no more is removed', () => {
    expect(leftOver(root, rulePages())).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-docs-'));
    mkdirSync(join(folder, 'docs/rules'), { recursive: true });
    writeFileSync(join(folder, 'docs/rules/gone.md'), 'gone');
    expect(leftOver(folder, rulePages())).toEqual(['docs/rules/gone.md']);
    rmSync(folder, { recursive: true });
  });
});
