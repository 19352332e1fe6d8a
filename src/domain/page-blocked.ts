import type { Blocked } from './blocked.js';
import { budgetExample, endable } from './blocked-gate.js';
import { longerText, neededText, spentText } from './blocked-text.js';
import { code, words } from './markdown.js';
import { clock, json } from './page-gate.js';
import { holderText } from './problems/lock-blocked.js';
import { budgetsSince } from './asked.js';
import type { Fact, RunRecord } from './record.js';
import { few, minuteOf } from './units.js';

const MOST_HOLDERS = 5;

type BlockedFact = Extract<Fact, { kind: 'blocked' }>;

/** Others hold the lock: who, and what can be done about it, first things first. */
export function blockedLines(record: RunRecord, fact: BlockedFact): string[] {
  const { blocked, until, noWindow } = fact;
  return [
    `### Blocked: choose${until ? `, until ${minuteOf(until)} UTC` : ''}`,
    `${blocked.undo ? 'Going back, revision' : 'Revision'} **${words(blocked.revision)}** needs **${words(neededText(blocked))}**: ${code(blocked.statement)}`,
    words(spentText(blocked)),
    ...longerText(blocked).map(words),
    '',
    'In the way:',
    ...inTheWay(blocked).map((line) => `- ${line}`),
    '',
    `**Wait**, and try again: *More Actions*, *Send an Update*, ${code('choose')}, with your name in this *Data*:`,
    ...json({ choice: 'wait' }),
    ...budgetLines(record, fact),
    ...cancelLines(blocked),
    ...(noWindow
      ? []
      : [`**Put it off** until the next window: the same with ${code('"choice": "window"')}.`]),
    `**Give up**: the same with ${code('"choice": "give-up"')}. ${blocked.undo ? 'A person says retry or stop then.' : 'The run undoes what it did.'}`,
    until
      ? '**Silence** until then gives up, too.'
      : '**The site is closed**, so silence decides nothing: the run waits, and the alarm goes on.',
    `By CLI: ${code(`lockkeeper choose wait ${record.target}`)}`,
    '',
  ];
}

const inTheWay = ({ holders }: Blocked): readonly string[] =>
  holders.length
    ? few(
        holders.map((each) => code(holderText(each))),
        MOST_HOLDERS,
      )
    : ['nobody that this role may see'];

function budgetLines(record: RunRecord, fact: BlockedFact): string[] {
  const example = code(`"choice": "budget", "budgetMs": ${budgetExample(fact.blocked)}`);
  const given = budgetsSince(record, fact).map(
    ({ by, at, budgetMs: to = 0 }) => `${to} ms by ${code(by)} (${clock(at)})`,
  );
  return [
    `**Let others wait for longer** (milliseconds in all): the same with ${example}` +
      (fact.people > 1 ? `; **${fact.people} different people** must send exactly the same number.` : '.'),
    ...(given.length ? [`Approved so far: ${given.join(', ')}.`] : []),
  ];
}

function cancelLines(blocked: Blocked): string[] {
  const pids = endable(blocked);
  const example = code(`"choice": "cancel", "pids": [${pids.slice(0, MOST_HOLDERS).join(', ')}]`);
  return pids.length
    ? [`**End these sessions** first, what they did not commit is lost: the same with ${example}.`]
    : [];
}
