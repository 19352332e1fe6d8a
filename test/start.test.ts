import { readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import ts from 'typescript';

/**
 * What a command loads before it does anything is most of what it costs: every import below is paid at each start,
 * by people and by each of the tests that call the CLI. See bench/README.md, "start".
 */

const HELP = ['commander'];
const SETTINGS = [...HELP, 'yaml', 'zod'];
const CLIENT = [...SETTINGS, '@temporalio/envconfig', 'temporal-client.ts'];

/** All else (execa, pg, the parser of SQL, S3, prompts, the worker) is loaded by what needs it, when it does. */
it.each<[string, readonly string[]]>([
  ['src/cli.ts', HELP],
  ['src/commands/check.ts', HELP],
  ['src/commands/keepsake.ts', SETTINGS],
  ['src/commands/phases.ts', SETTINGS],
  ['src/commands/status.ts', CLIENT],
  ['src/commands/decide.ts', CLIENT],
  ['src/commands/messages.ts', CLIENT],
  ['src/commands/deploy.ts', CLIENT],
])('%s begins with no other library', (file, libraries) => {
  const found = new Set<string>();
  for (const each of ['src/cli.ts', file]) follow(each, found, new Set());
  expect([...found].sort()).toEqual([...libraries].sort());
});

/** Follows what is imported at once, as Node.js does; types, and what is imported later, are not. */
function follow(file: string, libraries: Set<string>, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  for (const from of importedAtOnce(file)) {
    if (from.startsWith('node:')) continue;
    if (!from.startsWith('.')) libraries.add(from);
    // It requires Temporal's client, which no import tells.
    else if (from.endsWith('/temporal-client.js')) libraries.add('temporal-client.ts');
    else follow(posix.join(dirname(file), from.replace(/\.js$/, '.ts')), libraries, seen);
  }
}

function importedAtOnce(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement) && !statement.importClause?.isTypeOnly;
    const isExport = ts.isExportDeclaration(statement) && !statement.isTypeOnly;
    if ((!isImport && !isExport) || !statement.moduleSpecifier) return [];
    return [(statement.moduleSpecifier as ts.StringLiteral).text];
  });
}
