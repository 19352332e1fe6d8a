import type { BackupsStanding } from './backups-standing.js';
import { code, words } from './markdown.js';
import { workflowIdOf, type ScheduledRequest } from './requests.js';

export type ScheduledState = 'starting' | 'waiting' | 'running' | 'skipped' | 'done' | 'failed';

const meanings: Readonly<Record<ScheduledState, string>> = {
  starting: '',
  waiting: 'A change of the target is at work; this begins when that is over.',
  running: 'It runs as a workflow of its own, the one that changes the target.',
  skipped: 'Nothing was done, and nothing is wrong: the next time comes by itself.',
  done: '',
  failed: 'See the report of the run. The next time comes by itself, unless the Schedule is paused.',
};

/** What Temporal's pages show of a run of a Schedule: Markdown. */
export function scheduledText(
  { target, schedule, do: work }: Pick<ScheduledRequest, 'target' | 'schedule' | 'do'>,
  state: ScheduledState,
  says: string,
  backups?: BackupsStanding,
): string {
  return [
    `## ${work} of ${target} (${schedule}): ${state}`,
    ...[says && words(says), meanings[state]].filter(Boolean),
    '',
    ...(backups ? [`${backups.state === 'overdue' ? '**ALARM**: ' : ''}${words(backups.says)}`, ''] : []),
    `Its run: ${code(workflowIdOf(target))}, or ${code(`lockkeeper status ${target}`)}.`,
  ].join('\n');
}
