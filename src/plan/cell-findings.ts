import { type CellsConclusion, shownRequests } from '../domain/cells.js';
import type { Finding, Plan } from '../domain/plan.js';
import nextReleaseBreaks from '../rules/next-release-breaks.js';
import type { Rule } from '../rules/rule.js';
import runningReleaseBreaks from '../rules/running-release-breaks.js';
import { about } from './about.js';

/** What trying the releases on the copy has found. */
export function findingsOfCells(plan: Pick<Plan, 'revisions'>, cells: CellsConclusion): Finding[] {
  const { running, next, afterMigration, nextItself } = cells;
  const file = plan.revisions[0]?.file ?? '';
  const found = (rule: Rule, message: string): Finding => ({
    ...about(rule, { file }, message),
    ...{ breaksRunning: rule.breaksRunning ?? false, evidence: 'rehearsal' },
  });
  return [
    ...(afterMigration?.length
      ? [
          found(
            runningReleaseBreaks,
            `${running ?? ''}, which runs now, fails on the new schema and not on the old one: ${shownRequests(afterMigration)}`,
          ),
        ]
      : []),
    ...(nextItself?.length
      ? [found(nextReleaseBreaks, `${next} fails on the schema that it brings: ${shownRequests(nextItself)}`)]
      : []),
  ];
}
