/** npm run new-rule <id>: begins a rule, with its test and its registration. */
import { fileURLToPath } from 'node:url';
import { relative } from 'node:path';
import { scaffoldRule } from './scaffold-rule.js';

const folder = fileURLToPath(new URL('../src/rules', import.meta.url));
const [id] = process.argv.slice(2);
try {
  if (!id) throw new Error('usage: npm run new-rule <id>, such as index-blocks-writes');
  const files = scaffoldRule(id, folder).map((file) => relative(process.cwd(), file));
  console.log(`written: ${files.join(', ')}`);
  console.log('next: say in the first what it looks for, and why; then npm run docs, npm run test:unit');
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 64;
}
