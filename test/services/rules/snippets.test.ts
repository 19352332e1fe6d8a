import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shell } from '../../../src/adapters/shell.js';
import { highest, risks } from '../../../src/domain/risk.js';
import { rules } from '../../../src/rules/catalogue.js';
import { findingsIn } from '../../../src/rules/testing.js';
import { parse } from '../../../src/sql/parse.js';
import { projectPython, testVenv } from '../../support/servers.js';

type Rendered = Record<string, { sql?: string; error?: string }>;

const program = readFileSync(fileURLToPath(new URL('snippets.py', import.meta.url)), 'utf8');
/** What a rule says in place of code, where no revision is the right place. */
const noRevision = /^(#.*\n?)+$/;

let rendered: Rendered;
beforeAll(async () => {
  await testVenv();
  const snippets = rules.map(({ id, instead }) => ({ id, code: instead.alembic }));
  const { stdout } = await shell(
    { file: projectPython, args: ['-c', program] },
    { input: JSON.stringify(snippets) },
  );
  rendered = JSON.parse(stdout) as Rendered;
});

const riskOf = async (sql: string) => highest((await findingsIn(sql)).map(({ risk }) => risk));

it.each(rules)('the Alembic code of $id renders to SQL that can be read', async ({ id, instead }) => {
  const { sql = '', error } = rendered[id] ?? {};
  expect(error).toBeUndefined();
  const parsed = await parse(sql);
  expect(parsed.filter((part) => 'why' in part)).toEqual([]);
  const statements = parsed.filter((part) => 'node' in part && !('TransactionStmt' in part.node));
  if (noRevision.test(instead.alembic)) expect(statements).toEqual([]);
  else expect(statements.length).toBeGreaterThan(0);
});

/** A comment that allows a finding stands in the file, not in what it renders. */
const rendersAll = rules.filter(({ instead }) => !instead.alembic.includes('lockkeeper: allow'));

it.each(rendersAll)('the Alembic code of $id is no more dangerous than its SQL', async ({ id, instead }) => {
  const [alembic, sql] = [await riskOf(rendered[id]?.sql ?? ''), await riskOf(instead.sql)];
  expect(risks.indexOf(alembic)).toBeLessThanOrEqual(risks.indexOf(sql));
});
