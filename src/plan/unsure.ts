import type { Finding, UnknownStep } from '../domain/plan.js';
import dataChanged from '../rules/data-changed-by-code.js';
import notAnalysable from '../rules/not-analysable.js';
import type { Rule } from '../rules/rule.js';
import type { Parsed } from '../sql/parse.js';
import { parse } from '../sql/parse.js';
import { about, whereOf } from './about.js';
import type { PendingRevision } from './facts.js';
import { reasonIn } from './facts.js';

/** What is certain of a revision, and the SQL that stands in what is not. */
export interface Parts {
  certain: readonly Parsed[];
  /** SQL that a step may send, with the line of the file that says it. */
  said: readonly { line: number; parsed: readonly Parsed[] }[];
}

/** @returns null for a revision that was rendered as a whole, or of which nothing is certain */
export async function partsOf({ partly }: PendingRevision): Promise<Parts | null> {
  if (!partly) return null;
  const said: { line: number; parsed: readonly Parsed[] }[] = [];
  for (const { line, sql } of partly.steps.flatMap((step) => step.sql)) {
    const parsed = await parse(sql);
    // What cannot be read is a part of some SQL: the step as a whole is unknown already.
    if (parsed.every((part) => 'node' in part)) said.push({ line, parsed });
  }
  return { certain: await parse(partly.upSql), said };
}

/**
 * What is not known of a revision: a finding for each such step, and those in the SQL that it may send.
 *
 * @param judge - judges SQL as the rest of the revision
 */
export function unsureOf(
  revision: PendingRevision,
  parts: Parts | null,
  judge: (parsed: readonly Parsed[]) => readonly Finding[],
): Finding[] {
  const { upSql, upError, onlineHints = [], partly } = revision;
  if (upSql === null && partly && parts && partly.steps.length > 0) {
    const said = parts.said.flatMap(({ line, parsed }) => judge(parsed).map((one) => ({ ...one, line })));
    const telling = partly.steps.filter(({ onlyReads }) => !onlyReads);
    const steps = telling.length > 0 ? telling : partly.steps;
    return [...steps.map((step) => ofStep(revision, step)), ...said];
  }
  if (upSql === null) {
    const reason = reasonIn(upError) || 'Alembic gave no reason';
    return [
      unsure(notAnalysable, revision, `the revision cannot be rendered without the database: ${reason}`),
    ];
  }
  if (onlineHints.length === 0) return [];
  const why = `asks the database while it runs (${onlineHints.join(', ')}), so what it will do is not known before`;
  return [unsure(notAnalysable, revision, `the revision ${why}`)];
}

function ofStep(revision: PendingRevision, { line, why, writes, sql }: UnknownStep): Finding {
  const changes = writes || sql.some(({ sql: text }) => /^\s*(insert|update|delete|merge)\b/i.test(text));
  const rule = changes ? dataChanged : notAnalysable;
  const what = changes ? 'changes rows' : 'sends something';
  return { ...unsure(rule, revision, `line ${line} ${what} that is not known before: ${why}`), line };
}

/** What is not known may lose anything, and break anything. */
const unsure = (rule: Rule, revision: PendingRevision, message: string): Finding => ({
  ...about(rule, whereOf(revision), message),
  ...{ dataLoss: true, breaksRunning: true },
});
