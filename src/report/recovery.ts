import type { EmergencyFact } from '../domain/emergency.js';
import { lastOf, planOf, type Fact, type RunRecord } from '../domain/record.js';
import { stateOf, stateText } from '../domain/state.js';
import { shortRun } from '../domain/run-id.js';

/** What a recovery report is made of: what people did, and the records of the runs around it, the oldest first. */
export interface Recovery {
  target: string;
  /** When the report is written: ISO 8601, UTC. */
  at: string;
  emergency: readonly EmergencyFact[];
  records: readonly RunRecord[];
}

/** A report of how lost data was brought back, in Markdown, with what only people know left to be filled in. */
export function recoveryText({ target, at, emergency, records }: Recovery): string {
  const restore = records.findLast(({ kind }) => kind === 'restore');
  return [
    `# ${target}: what happened on ${at.slice(0, 10)}`,
    `Written by \`lockkeeper emergency data-loss\` at ${at} from the records in the state folder. Times are UTC.`,
    ...section('How it stands', [restore ? stateText(stateOf(restore)) : 'Nothing was restored.']),
    ...section('What was lost, and what came back', restore ? lossLines(restore) : [TO_FILL]),
    ...section('Time line', timeLine(emergency, records)),
    ...section('Root cause', [
      '*To be filled in.* Ask why until the answer is something that can be changed.',
      '',
      '- What was the first thing that went wrong, and when (see the time line)?',
      '- Why was it possible? Which check, gate or alarm should have stopped it?',
      '- Why was it not noticed earlier? How was it noticed?',
      ...changesBefore(records),
    ]),
    ...section('What went well, and what did not', [TO_FILL]),
    ...section('What is done about it', [
      '| what | who | until |',
      '|---|---|---|',
      '| *to be filled in* | | |',
      '| drill the restore again: `lockkeeper drill` | | |',
    ]),
  ].join('\n');
}

const TO_FILL = '*To be filled in.*';

const section = (title: string, lines: readonly string[]): string[] => ['', `## ${title}`, '', ...lines];

/** What was approved to be lost, and where it is kept. */
function lossLines(restore: RunRecord): string[] {
  const plan = planOf(restore);
  const swapped = restore.facts.findLast((fact) => fact.kind === 'finished' && fact.step === 'swap');
  const approved = restore.facts.flatMap((fact) =>
    fact.kind === 'said' && fact.message === 'approve' ? [fact.by] : [],
  );
  return [
    `Run \`${restore.runId}\` ended as **${restore.outcome}**.`,
    ...(swapped?.kind === 'finished' && swapped.note ? [`- Restored: ${cell(swapped.note)}`] : []),
    ...(plan?.findings ?? []).map((line) => `- Not in the backup: ${cell(line)}`),
    ...(plan && !plan.findings.length
      ? ['- Nothing was written since the backup, or nothing is known of it.']
      : []),
    ...(approved.length ? [`- Approved by ${approved.map(cell).join(', ')}.`] : []),
    ...(lastOf(restore, 'tidied') ? [`- ${cell(lastOf(restore, 'tidied')!.note)}`] : []),
  ];
}

/** The last changes before the restore: one of them may be where it began. */
const changesBefore = (records: readonly RunRecord[]): string[] =>
  records
    .filter(({ kind }) => kind === 'deploy' || kind === 'rollback')
    .map((record) => {
      const plan = planOf(record);
      const what = plan
        ? `release ${plan.release}, revisions to ${plan.to.join(', ') || 'base'}, ${plan.risk} risk`
        : 'no plan';
      return `- Was it the ${record.kind} of ${minute(record.facts[0]?.at ?? '')} (${cell(what)}, ${record.outcome})?`;
    });

function timeLine(emergency: readonly EmergencyFact[], records: readonly RunRecord[]): string[] {
  const lines = [
    ...emergency.map(({ at, by, what, came, ok }) => ({
      at,
      who: by,
      what: `${what}: ${ok ? '' : 'FAILED: '}${came}`,
    })),
    ...records.flatMap((record) =>
      record.facts.flatMap((fact) => {
        const what = words(fact);
        return what ? [{ at: fact.at, who: `${record.kind} ${shortRun(record.runId)}`, what }] : [];
      }),
    ),
  ].sort((a, b) => a.at.localeCompare(b.at));
  if (!lines.length) return ['Nothing is recorded.'];
  return [
    '| when | who | what |',
    '|---|---|---|',
    ...lines.map(({ at, who, what }) => `| ${minute(at)} | ${cell(who)} | ${cell(what)} |`),
  ];
}

/** A fact as a line; null where it tells nothing by itself. */
function words(fact: Fact): string | null {
  switch (fact.kind) {
    case 'requested':
      return `asked for by ${fact.by}: ${fact.words}`;
    case 'finished':
      return fact.note ? `${fact.step}: ${fact.note}` : fact.step;
    case 'failed':
      return `${fact.step} FAILED: ${fact.failure.what}`;
    case 'undone':
      return `${fact.undo}: undone`;
    case 'undo failed':
      return `${fact.undo} FAILED: ${fact.failure.what}`;
    case 'said':
      return `${fact.by}: ${fact.message}${fact.note ? ` (${fact.note})` : ''}`;
    case 'site':
      return `the site is ${fact.is}: ${fact.note}`;
    case 'overdue':
      return `ALARM: the site is ${fact.says}`;
    case 'cancelled':
      return 'cancelled';
    default:
      return null;
  }
}

const minute = (at: string): string => at.slice(0, 19).replace('T', ' ');

/** Short, on one line, and no column of its own. */
const cell = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};
