import { stallTexts } from './blocked-text.js';
import { backupText, forecastLines } from './forecast.js';
import { code, words } from './markdown.js';
import { closesSite, type PlanSummary } from './plan.js';
import { approvalsSince, askedOf } from './asked.js';
import { planOf, sectionTitles, wayOf, type Fact, type RunRecord } from './record.js';
import { minuteOf } from './units.js';

const MOST_LISTED = 6;

type Asked = Extract<Fact, { kind: 'asked' }>;
type Said = Extract<Fact, { kind: 'said' }>;

/** What is decided, by when, and how: first what to do, because the page is read at night. */
export function gateLines(record: RunRecord): string[] {
  const asked = askedOf(record);
  const plan = planOf(record);
  if (!asked || !plan) return [];
  return [
    `### ${asked.manual ? 'Choose' : 'Yes or no'}, until ${minuteOf(asked.until)} UTC`,
    ...whoLines(record, asked, plan),
    '',
    ...(asked.manual ? chooseLines(asked) : approveLines(asked, plan, approvalsSince(record, asked))),
    '**Silence** until then is a no, too.',
    '',
    `### ${asked.manual ? 'If it migrates' : 'After a yes'}`,
    ...afterLines[record.kind === 'restore' || record.kind === 'rollback' ? record.kind : 'deploy'](
      record,
      plan,
    ),
    ...wholePlanLines(record.target, asked),
  ];
}

function whoLines(record: RunRecord, asked: Asked, { gate }: PlanSummary): string[] {
  const { approvals, planHash, manual } = asked;
  const given = approvalsSince(record, asked);
  const by = given.map((fact) => `${code(fact.by)} (${clock(fact.at)})`).join(', ');
  const missing =
    given.length < approvals
      ? `**${approvals - given.length} more** needed`
      : '**a person** must still choose';
  const who = manual && approvals < 2 ? '**1 person** chooses.' : needed(approvals, gate.alone !== undefined);
  const requesterMay = gate.requesterMayApprove || gate.alone;
  return [
    `Plan ${code(planHash.slice(0, 12))}: ${who}`,
    given.length ? `Approved by ${by}; ${missing}.` : 'Nobody has approved it yet.',
    `Asked for by ${code(requester(record))}${requesterMay ? '' : ', who may not approve it'}.`,
    ...(gate.approvers.length ? [`Only these may decide: ${gate.approvers.map(code).join(', ')}.`] : []),
  ];
}

const needed = (approvals: number, alone: boolean): string => {
  if (alone) return `**${approvals} approvals**, which may be of the same person.`;
  return approvals > 1
    ? `**${approvals} different people** must approve it.`
    : '**1 person** must approve it.';
};

const requester = ({ facts }: RunRecord): string => {
  const fact = facts.find(({ kind }) => kind === 'requested');
  return fact?.kind === 'requested' ? fact.by : 'not said';
};

function approveLines({ planHash }: Asked, { gate }: PlanSummary, given: readonly Said[]): string[] {
  const second = gate.alone && given.length > 0 ? gate.alone : undefined;
  const earliest = second && Date.parse(given.at(-1)!.at) + second.minutesApart * 60_000;
  return [
    `**Yes**: *More Actions*, *Send an Update*, ${code('approve')}, with your name in this *Data*:`,
    ...json({ plan: planHash.slice(0, 12), ...(second ? { typed: second.typed } : {}) }),
    ...(earliest ? [`By the same person again: not before ${clock(new Date(earliest).toISOString())}.`] : []),
    `**No**: the same as ${code('reject')}. The run ends, and nothing was changed.`,
  ];
}

const chooseLines = ({ planHash, approvals }: Asked): string[] => [
  `**Migrate**: *More Actions*, *Send an Update*, ${code('choose')}, with your name in this *Data*:`,
  ...json({ plan: planHash.slice(0, 12), choice: 'migrate' }),
  ...(approvals > 1 ? [`It counts as one approval; another person sends ${code('approve')}.`] : []),
  `**Only the release, no migration**: the same with ${code('"choice":"skip"')}.`,
  `**No**: the same with ${code('"choice":"end"')}. The run ends, and nothing was changed.`,
];

/** An example to copy, narrow enough for half a screen. */
export const json = (input: Record<string, unknown>): string[] => [
  '```json',
  `{"by": "you@example.com",\n ${JSON.stringify(input).slice(1)}`,
  '```',
];

/** What becomes of what goes. */
const lossLines = ({ keepsakes, procedure }: PlanSummary): string[] =>
  procedure === 'online-contract'
    ? ['**What it removes comes back by the downgrade alone: the rehearsal has compared every value.**']
    : [
        ...(keepsakes?.all ? [] : ['**What it removes or changes, only a restore brings back.**']),
        ...(keepsakes ? ['Kept in the same database before:', ...listed(keepsakes.says)] : []),
      ];

function afterYesLines(record: RunRecord, plan: PlanSummary): string[] {
  const { release, revisions } = wayOf(plan, record.kind);
  const { risk, coverage, findings, rehearsed, releases: tried, rollback, forecast, backup } = plan;
  return [
    `Risk **${risk}**: ${siteText(plan)}.`,
    ...(plan.gate.notAutomatic ?? []).map((why) => `Not automatic: ${words(why)}.`),
    ...(plan.gate.hasWindow ? ['It begins in its next window of time.'] : []),
    ...(plan.revisions ? stallTexts(plan).map((line) => `${line}.`) : []),
    `Release **${words(release)}**, revisions **${words(revisions)}** (${plan.revisions}), ` +
      `${coverage.analysed} of ${coverage.total} statements analysed:`,
    ...listed(findings),
    '',
    ...(risk === 'very-high' ? [...lossLines(plan), ''] : []),
    ...(rehearsed ? [`Rehearsed on a copy: ${words(rehearsed)}.`] : []),
    ...(tried ? ['The releases on the copy:', ...listed(tried), ''] : []),
    ...(forecast ? [`Forecast: ${words(forecastLines(forecast)[0] ?? '')}.`] : []),
    ...(backup ? [`Backup: ${words(backupText(backup))}.`] : []),
    '',
    'If a step fails, the run undoes what it did. A rollback later would:',
    ...listed(rollback),
    '',
  ];
}

/** What goes back, in its order, and what each of it loses. */
function afterRollbackLines(record: RunRecord, plan: PlanSummary): string[] {
  const { release, revisions } = wayOf(plan, record.kind);
  return [
    `Risk **${plan.risk}**: ${siteText(plan)}. Release **${words(release)}**, revisions **${words(revisions)}**.`,
    '',
    'It does, in this order:',
    ...listed(plan.rollback),
    '',
    'If a step fails, all goes forward again.',
    '',
  ];
}

function afterRestoreLines(record: RunRecord, plan: PlanSummary): string[] {
  const { release, revisions } = wayOf(plan, record.kind);
  const titles = sectionTitles(record.kind);
  return [
    `Risk **${plan.risk}**. Release **${words(release)}**, revisions **${words(revisions)}**.`,
    '',
    `**${titles.findings}**:`,
    ...listed(plan.findings.length ? plan.findings : ['nothing']),
    '',
    ...(plan.rehearsed ? [`${titles.rehearsed}: ${words(plan.rehearsed)}.`, ''] : []),
    ...(plan.rollback.length ? [`${titles.rollback}:`, ...listed(plan.rollback), ''] : []),
  ];
}

const afterLines = { deploy: afterYesLines, restore: afterRestoreLines, rollback: afterRollbackLines };

/** As many as there is room for, and that there are more. */
const listed = (lines: readonly string[]): string[] => [
  ...lines.slice(0, MOST_LISTED).map((line) => `- ${words(line)}`),
  ...(lines.length > MOST_LISTED ? [`- and ${lines.length - MOST_LISTED} more`] : []),
];

/** Where all of it can be read. */
const wholePlanLines = (target: string, { planHash }: Asked): string[] => [
  `The whole plan: ${code(`lockkeeper approve ${target}`)} shows it, and asks. Or start the workflow ${code('read')} ` +
    'on this task queue, under any id; its result is the plan:',
  '```json',
  `{"target": ${JSON.stringify(target)},\n "what": "check", "hash": "${planHash.slice(0, 12)}"}`,
  '```',
];

const siteText = ({ procedure }: PlanSummary): string =>
  closesSite(procedure)
    ? '**the site is closed** from *maintenance on* to *maintenance off*'
    : procedure === 'online-contract'
      ? 'the site stays open (phases.contract: online)'
      : 'the site stays open';

/** The time of day of an ISO time, as the page shows it. */
export const clock = (at: string): string => `${at.slice(11, 16)} UTC`;
