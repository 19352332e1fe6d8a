import type { Finding } from '../domain/plan.js';
import { parse } from '../sql/parse.js';
import { check } from './check.js';
import { emptySchema } from '../schema/empty.js';
import { schemaFromSql } from '../schema/from-sql.js';
import type { Schema } from '../schema/model.js';
import type { Rule } from './rule.js';

type Sql = string;
type Message = string;

interface Cases {
  /** Title → SQL and every message that the rule gives for it. */
  finds: Record<string, [Sql, ...Message[]]>;
  /** Title → SQL in which the rule finds nothing. */
  allows: Record<string, Sql>;
}

/** A schema as if it had been read from a database with those tables. */
export const schemaWith = async (ddl: Sql, postgres?: number): Promise<Schema> => ({
  ...(await schemaFromSql(ddl, postgres)).schema,
  source: 'catalog',
  timeZone: 'UTC',
});

/** All findings of all rules in SQL, as if it were one plan. @param needs - DDL of what is there */
export async function findingsIn(sql: Sql, postgres?: number, needs?: Sql): Promise<Finding[]> {
  return check(
    await parse(sql),
    { file: 'test.sql', linesOfFile: true, ...(postgres === undefined ? {} : { postgres }) },
    needs === undefined ? emptySchema(postgres) : await schemaWith(needs, postgres),
  ).findings;
}

/** Tests one rule: its own two examples, then the cases. Tables that the SQL creates count as new. */
export function testRule(rule: Rule, { finds, allows }: Cases): void {
  const messages = async (sql: Sql): Promise<Message[]> =>
    (await findingsIn(sql)).flatMap((found) => (found.rule === rule.id ? [found.message] : []));

  describe(rule.id, () => {
    it.each(Object.entries(finds))('finds %s', async (_, [sql, ...expected]) => {
      expect(await messages(sql)).toEqual(expected);
    });
    it.each(Object.entries(allows))('allows %s', async (_, sql) => {
      expect(await messages(sql)).toEqual([]);
    });
  });
}
