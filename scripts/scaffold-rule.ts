import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a rule, its test and its registration, in a shape that passes the tests of the catalogue; its author
 * then changes what it looks for and every word.
 *
 * @param folder - where the rules are, with catalogue.ts
 * @returns the files written
 * @throws Error in words when the id is not fit, or taken
 */
export function scaffoldRule(id: string, folder: string): string[] {
  if (!/^[a-z]+(-[a-z]+)+$/.test(id))
    throw new Error(`'${id}' is no id of a rule: words in small letters, joined by '-'`);
  const rule = join(folder, `${id}.ts`);
  const test = join(folder, `${id}.test.ts`);
  const catalogue = join(folder, 'catalogue.ts');
  if (existsSync(rule)) throw new Error(`there is a rule ${id} already: ${rule}`);
  writeFileSync(catalogue, registered(readFileSync(catalogue, 'utf8'), id));
  writeFileSync(rule, ruleText(id));
  writeFileSync(test, testText(id));
  return [rule, test, catalogue];
}

const variable = (id: string): string => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Among the imports by name; at the head of the list, as it begins as very high. */
function registered(catalogue: string, id: string): string {
  const line = `import ${variable(id)} from './${id}.js';`;
  const lines = catalogue.split('\n');
  const imports = lines.filter((one) => one.startsWith('import '));
  const after = imports.find(
    (one) => /from '\.\/[a-z-]+\.js'/.test(one) && !one.startsWith('import type') && pathOf(one) > id,
  );
  const at = after === undefined ? lines.lastIndexOf(imports.at(-1) ?? '') + 1 : lines.indexOf(after);
  const withImport = [...lines.slice(0, at), line, ...lines.slice(at)].join('\n');
  return withImport.replace(/(export const rules[^\n]*\[\n)/, `$1  ${variable(id)},\n`);
}

const pathOf = (line: string): string => /'\.\/([a-z-]+)\.js'/.exec(line)?.[1] ?? '';

const ruleText = (id: string): string => `import { nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: '${id}',
  risk: 'very-high',
  effect: 'All rows are gone at once.',
  blocks: 'reads and writes of the table until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Delete in batches, outside of the release.',
    sql: 'SELECT count(*) FROM sessions;',
    alembic: '# no revision: a job of the application',
  },
  bad: 'TRUNCATE sessions;',
  good: 'CREATE TABLE sessions (id int); TRUNCATE sessions;',

  check(statement) {
    const relation = read(read(statement, 'TruncateStmt')?.relations?.[0], 'RangeVar');
    if (!relation) return;
    const table = nameOf(relation);
    return {
      message: \`truncating \${table} removes all of its rows\`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});
`;

const testText = (id: string): string => `import rule from './${id}.js';
import { testRule } from './testing.js';

testRule(rule, {
  finds: {
    'its bad example': [rule.bad, 'truncating sessions removes all of its rows'],
  },
  allows: {
    'a table made in the same plan': rule.good,
  },
});
`;
