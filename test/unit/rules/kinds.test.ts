import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { highest } from '../../../src/domain/risk.js';
import { actionsOf, kindOfAction } from '../../../src/sql/ast.js';
import { parse } from '../../../src/sql/parse.js';
import { kinds } from './kinds.js';
import { notStatements } from './not-statements.js';
import { findingsIn } from '../../../src/rules/testing.js';

/** The kinds that the grammar of PostgreSQL 18 knows, from the types made of its source. */
function kindsOfGrammar(): string[] {
  const folder = new URL('../../../node_modules/@pgsql/types/', import.meta.url);
  const read = (file: string) => readFileSync(fileURLToPath(new URL(file, folder)), 'utf8');
  const statements = read('types.d.ts').match(/\b[A-Z]\w*Stmt\b/g) ?? [];
  const [commands = ''] = /export type AlterTableType =[^;]*;/.exec(read('enums.d.ts')) ?? [];
  return [...new Set([...statements, ...(commands.match(/AT_\w+/g) ?? [])])].sort();
}

it('has an example of every kind of statement of the grammar', () => {
  const covered = [...kinds.map(([kind]) => kind), ...Object.keys(notStatements)];
  const grammar = kindsOfGrammar();
  expect(grammar.length).toBeGreaterThan(170);
  expect(grammar.filter((kind) => !covered.includes(kind))).toEqual([]);
  expect([...new Set(covered)].filter((kind) => !grammar.includes(kind))).toEqual([]);
});

describe('the verdict of every kind of statement', () => {
  it.each(kinds.map(([kind, sql, risk]) => ({ kind, sql, risk })))(
    '$kind: $sql',
    async ({ kind, sql, risk }) => {
      const [read] = await parse(sql);
      if (!read || !('node' in read)) throw new Error(`this is no SQL: ${sql}`);
      const own = [...actionsOf(read.node).map(kindOfAction), ...Object.keys(read.node)];
      expect(own).toContain(kind);
      const findings = await findingsIn(sql);
      expect(findings.map(({ rule }) => rule)).not.toContain('unknown-statement');
      expect(highest(findings.map((finding) => finding.risk))).toBe(risk);
    },
  );
});
