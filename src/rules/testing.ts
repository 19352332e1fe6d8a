import type { Finding } from '../domain/plan.js';
import { parse } from '../sql/parse.js';
import { check } from './check.js';
import { emptySchema } from '../schema/empty.js';
import type { Rule } from './rule.js';

type Sql = string;
type Message = string;

interface Cases {
  /** Title → SQL and every message that the rule gives for it. */
  finds: Record<string, [Sql, ...Message[]]>;
  /** Title → SQL in which the rule finds nothing. */
  allows: Record<string, Sql>;
}

/** All findings of all rules in SQL, as if it were one plan. */
export async function findingsIn(sql: Sql, postgres?: number): Promise<Finding[]> {
  return check(
    await parse(sql),
    { file: 'test.sql', linesOfFile: true, ...(postgres === undefined ? {} : { postgres }) },
    emptySchema(postgres),
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
