/** node scripts/run-ts.mjs FILE.ts [argument...]: runs a script written in TypeScript, which may import src/. */
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/run-ts.mjs FILE.ts [argument...]');
  process.exit(64);
}
register('./ts-loader.mjs', import.meta.url);
process.argv = [process.argv[0], resolve(file), ...args];
await import(pathToFileURL(resolve(file)).href);
