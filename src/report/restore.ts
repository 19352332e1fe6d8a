import type { PlanSummary } from '../domain/plan.js';
import { sectionTitles } from '../domain/record.js';

/** What people approve of a restore, a line each: what would be lost, how the backup was proved, what is kept. */
export function restoreText({ findings, rehearsed, rollback }: PlanSummary): string {
  const titles = sectionTitles('restore');
  const listed = (title: string, lines: readonly string[]) => [
    `${title}:`,
    ...lines.map((line) => `  ${line}`),
  ];
  return [
    ...listed(titles.findings, findings),
    '',
    `${titles.rehearsed}: ${rehearsed ?? 'is proved before people are asked'}`,
    '',
    ...listed(titles.rollback, rollback),
  ].join('\n');
}
