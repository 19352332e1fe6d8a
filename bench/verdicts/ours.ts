import { atLeast, highest, type Risk } from '../../src/domain/risk.js';
import type { Finding } from '../../src/domain/plan.js';
import { check } from '../../src/rules/check.js';
import { emptySchema } from '../../src/schema/empty.js';
import { schemaFromSql } from '../../src/schema/from-sql.js';
import { parse } from '../../src/sql/parse.js';
import type { Case } from './case.js';

export interface Verdict {
  risk: Risk;
  /** The rules, each once. */
  rules: readonly string[];
  flagged: boolean;
}

/** What Lockkeeper says about a case. */
export async function ours({ sql, schema, postgres = 16 }: Case): Promise<Verdict> {
  const known = schema ? (await schemaFromSql(schema, postgres)).schema : emptySchema(postgres);
  const { findings } = check(await parse(sql), { file: 'case.sql', linesOfFile: true, postgres }, known);
  return {
    risk: highest(findings.map(({ risk }) => risk)),
    rules: [...new Set(findings.map(({ rule }) => rule))],
    flagged: findings.some(alarming),
  };
}

/**
 * What makes a reader stop: a finding above low that says that somebody waits, that something is lost, that the
 * running release fails or the statement itself; or one of the highest class, whatever it says. `medium` alone does not: an index that is
 * built CONCURRENTLY is medium as well, because somebody should look at it, and does no harm.
 */
const alarming = ({ risk, relations, dataLoss, breaksRunning, fails }: Finding): boolean =>
  atLeast(risk, 'high') ||
  (risk === 'medium' &&
    (dataLoss || breaksRunning || fails || relations.some(({ blocks }) => blocks !== 'nothing')));
