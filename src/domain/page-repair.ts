import { byHand } from './by-hand.js';
import { code, words } from './markdown.js';
import { json } from './page-gate.js';
import { asksAboutFound } from './page.js';
import { lastOf, type Failure, type RunRecord } from './record.js';
import { stateOf } from './state.js';

/** A person must put something right: what it is, and how to say that it was done. */
export const repairLines = (record: RunRecord): string[] => [
  ...(asksAboutFound(record) ? foundLines(record) : undoLines(record)),
  '',
  'Until one of them comes the run waits, however long it takes.',
  `By CLI: ${code(`lockkeeper retry ${record.target}`)} or ${code(`lockkeeper stop ${record.target} --note "…"`)}`,
  '',
  ...turnedAroundLines(record),
];

const toSend = `*More Actions*, *Send an Update*, ${code('retry')}, with your name in this *Data*`;
const OPENS = `${code('maintenance')} with ${code('"turn": "off"')}`;

/** An earlier run came to no end, and its closed site is nobody's. */
function foundLines(record: RunRecord): string[] {
  const found = lastOf(record, 'found');
  return [
    '### Go on, or not: an earlier run left the site closed',
    ...(found ? [`**${words(found.what)}**`, ''] : []),
    `**Go on**, and open the site at the end: ${toSend}:`,
    ...json({ note: 'why' }),
    `**Open it now**: the same as ${OPENS}, and then one of the others.`,
    `**Leave all as it is**: the same as ${code('stop')}. The run ends, and nothing was changed.`,
  ];
}

/** An undo failed: what is left to do by hand. */
function undoLines(record: RunRecord): string[] {
  const failed = lastOf(record, 'undo failed');
  if (!failed) return [];
  const closed = stateOf(record).site === 'closed';
  return [
    `### Put it right: *${failed.undo}* failed`,
    ...failureLines(failed.failure),
    '',
    '### Then have it tried again',
    `${toSend}. The rest is undone after it.`,
    ...json({ note: 'what you did' }),
    '### Or undo it by hand, and end the run',
    ...leftLines(record),
    `Then the same as ${code('stop')}, with ${code('"doneByHand": true')} in it if you have done all of this.` +
      (closed ? ` **The site stays closed** until a person opens it: ${OPENS}.` : ''),
  ];
}

/** What the undo that failed, and those after it, leave to be done by hand. */
export function leftLines(record: RunRecord): string[] {
  const failed = lastOf(record, 'undo failed');
  if (!failed) return [];
  return [
    ...failed.left.map((undo, index) => `${index + 1}. **${undo}**: ${code(byHand(undo, record))}`),
    '',
  ];
}

/** What failed, why, and what to do. */
export const failureLines = (failure: Failure): string[] => [
  ...whatLines(failure),
  '',
  ...failure.next.map((step, index) => `${index + 1}. ${code(step)}`),
];

const whatLines = ({ what, why }: Failure): string[] => [`**${words(what)}**`, ...(why ? [code(why)] : [])];

/** Why all was to be undone in the first place. */
const turnedAroundLines = ({ facts }: RunRecord): string[] =>
  facts.flatMap((fact) =>
    fact.kind === 'failed'
      ? [`### Why it was to be undone: *${fact.step}* failed`, ...whatLines(fact.failure), '']
      : [],
  );
