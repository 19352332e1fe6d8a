import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import ts from 'typescript';

/**
 * What each folder of src/ may import besides itself. `type x`: only its types. A file that lies in src/ itself
 * is named by its file name.
 */
const mayImport: Record<string, readonly string[]> = {
  domain: [],
  sql: ['domain', 'libpg-query', 'type @pgsql/types'],
  schema: ['domain', 'sql', 'type @pgsql/types'],
  locks: ['domain', 'sql', 'schema', 'type @pgsql/types'],
  rules: ['domain', 'sql', 'schema', 'locks', 'type @pgsql/types'],
  plan: ['domain', 'sql', 'schema', 'locks', 'rules', 'node:crypto'],
  phases: ['domain', 'yaml'],
  config: ['domain', 'node:', 'zod', 'yaml'],
  adapters: [
    ...['domain', 'type schema', 'node:', 'execa', 'pg', 'yaml'],
    ...['@aws-sdk/client-s3', '@aws-sdk/lib-storage', 'age-encryption'],
  ],
  report: ['domain', 'type rules', 'marked'],
  'sql-files': ['domain', 'sql', 'schema', 'rules', 'node:'],
  workflows: ['domain', 'type activities', '@temporalio/workflow', '@temporalio/common'],
  activities: [
    ...[
      'domain',
      'config',
      'sql',
      'schema',
      'locks',
      'rules',
      'plan',
      'phases',
      'adapters',
      'report',
      'node:',
    ],
    ...['@temporalio/activity', '@temporalio/common', 'type @temporalio/worker'],
  ],
  stack: ['domain', 'adapters', 'node:'],
  doctor: [
    'domain',
    'adapters',
    'config',
    'local.ts',
    'client.ts',
    'search-attributes.ts',
    'node:',
    'type @temporalio/client',
  ],
  init: ['domain', 'config', 'node:', 'yaml'],
  demo: ['domain', 'adapters', 'stack', 'local.ts', 'node:', 'yaml', 'cli-table3'],
  commands: [
    ...[
      'domain',
      'config',
      'report',
      'stack',
      'demo',
      'doctor',
      'init',
      'rules',
      'sql',
      'sql-files',
      'phases',
      'local.ts',
      'client.ts',
      'schedules.ts',
      'worker.ts',
      'node:',
    ],
    ...['temporal-client.ts', 'type @temporalio/client', 'commander', '@clack/prompts'],
  ],
  'cli.ts': ['commands', 'domain'],
  'local.ts': ['activities'],
  'rule.ts': ['rules', 'sql', 'schema', 'type domain'],
  'client.ts': [
    'domain',
    'embedded.ts',
    'temporal-client.ts',
    'type @temporalio/client',
    '@temporalio/envconfig',
  ],
  'temporal-client.ts': ['node:', 'type @temporalio/client'],
  'schedules.ts': ['type domain', 'temporal-client.ts', 'type @temporalio/client', '@temporalio/common'],
  'embedded.ts': ['node:'],
  'search-attributes.ts': ['domain', 'type @temporalio/client', 'type @temporalio/worker'],
  'senders.ts': ['domain', 'type activities', 'type @temporalio/worker'],
  'worker-health.ts': ['domain', 'node:', 'type @temporalio/worker'],
  // The one place where real tools are put together.
  'worker.ts': [
    ...[
      'activities',
      'client.ts',
      'domain',
      'search-attributes.ts',
      'senders.ts',
      'worker-health.ts',
      'node:',
    ],
    'type @temporalio/worker',
  ],
};

/** Libraries that one file alone may import: all else goes through that file. */
const onlyIn: Record<string, string> = {
  '@temporalio/client': 'src/temporal-client.ts',
  execa: 'src/adapters/shell.ts',
  'libpg-query': 'src/sql/parse.ts',
  zod: 'src/config/',
  pg: 'src/adapters/postgres/',
  '@aws-sdk/client-s3': 'src/adapters/store/s3.ts',
  '@aws-sdk/lib-storage': 'src/adapters/store/s3.ts',
  'age-encryption': 'src/adapters/store/age.ts',
  marked: 'src/report/html.ts',
};

/** Files above the limit, with the reason. */
const longWithReason: Record<string, string> = {
  'src/rules/catalogue.ts': 'a list: two lines a rule',
};

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'rules/testing.ts')
  .map((file) => `src/${file}`);

interface Import {
  from: string;
  typeOnly: boolean;
}

describe.each(files)('%s', (file) => {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const imports = importsOf(source);

  it('imports only what its place may', () => {
    const place = placeOf(file);
    const allowed = mayImport[place];
    expect(allowed).toBeDefined();
    expect(imports.filter((each) => !isAllowed(each, file, place, allowed ?? []))).toEqual([]);
  });

  it('goes through the one file that owns a library', () => {
    const refused = imports.filter(
      ({ from, typeOnly }) => !typeOnly && onlyIn[from] && !file.startsWith(onlyIn[from]),
    );
    expect(refused).toEqual([]);
  });

  it('is at most 200 lines long', () => {
    if (!longWithReason[file]) expect(source.getLineStarts().length - 1).toBeLessThanOrEqual(200);
  });

  it('reads no clock and no environment where it must be pure', () => {
    if (!['domain', 'rules', 'plan', 'phases', 'report', 'sql'].includes(placeOf(file))) return;
    expect(source.text).not.toMatch(/\bDate\.now\(|\bnew Date\(\)|\bprocess\.|Math\.random/);
  });
});

it('makes problems in one place only, so that they speak in one voice', () => {
  const elsewhere = files.filter(
    (file) => !file.startsWith('src/domain/problems/') && readFileSync(file, 'utf8').includes('new Problem('),
  );
  expect(elsewhere).toEqual([]);
});

it('sets time-outs of activities in one place only', () => {
  const elsewhere = files.filter(
    (file) => file !== 'src/workflows/steps.ts' && readFileSync(file, 'utf8').includes('proxyActivities'),
  );
  expect(elsewhere).toEqual([]);
});

function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      found.push({
        from: (node.moduleSpecifier as ts.StringLiteral).text,
        typeOnly: node.importClause?.isTypeOnly ?? false,
      });
    if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      found.push({ from: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly: node.isTypeOnly });
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments;
      // What is loaded when it is needed is still imported; a worker's Temporal is loaded late for a quick --help.
      if (from && ts.isStringLiteral(from) && !from.text.startsWith('@temporalio/worker'))
        found.push({ from: from.text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isAllowed(
  { from, typeOnly }: Import,
  file: string,
  place: string,
  allowed: readonly string[],
): boolean {
  const name = from.startsWith('.') ? placeOf(posix.join(dirname(file), from.replace(/\.js$/, '.ts'))) : from;
  return (
    name === place ||
    allowed.some(
      (rule) =>
        rule === name ||
        (rule === 'node:' && name.startsWith('node:')) ||
        (typeOnly && rule === `type ${name}`),
    )
  );
}

/** The folder of src/ that a file lies in, or its own name when it lies in src/ itself. */
function placeOf(file: string): string {
  return file.split('/')[1] ?? file;
}
