import { backTargetOf, phasesWord } from '../domain/phases/status.js';
import type { Message } from '../domain/record.js';
import type { Answer } from './messages.js';
import type { PhasesWatch } from './phases-watch.js';

export function pause(watch: PhasesWatch, { by = '' }: Message): Answer {
  if (watch.wanted.paused) return { refused: 'it is paused already' };
  watch.wanted.paused = true;
  watch.pass('pause', by);
  return {
    answer: watch.atWork
      ? `paused: the run of ${watch.status.phase} goes on to its end, and no further phase begins`
      : 'paused: no further phase begins',
  };
}

export function resume(watch: PhasesWatch, { by = '' }: Message): Answer {
  if (!watch.wanted.paused) return { refused: `it is not paused: ${phasesWord(watch.status)}` };
  watch.wanted.paused = false;
  watch.pass('resume', by);
  return { answer: 'it goes on where it was' };
}

export function go({ wanted, status }: PhasesWatch, message: Message): Answer {
  const { state, until, phase } = status;
  if (state !== 'waits' && state !== 'needs a person')
    return { refused: `nothing waits for that: ${phasesWord(status)}` };
  if (state === 'waits' && until !== null && !message.overrule)
    return {
      refused: `${phase} waits until ${until}; to go on before that, say why: {"overrule":"…"}, or --overrule`,
    };
  wanted.go = message;
  return { answer: `${phase}: it goes on` };
}

export function back(watch: PhasesWatch, message: Message): Answer {
  const why = whyNotBack(watch);
  if (why) return { refused: why };
  const last = backTargetOf(watch.status.lines);
  if (!last) return { refused: 'no phase is done yet: nothing can be taken back' };
  watch.wanted.back = message;
  return { answer: `it takes back ${last.phase}` };
}

export function abandon(watch: PhasesWatch, message: Message): Answer {
  const why = whyNotBack(watch);
  if (why) return { refused: why };
  watch.wanted.abandon = message;
  return { answer: 'it takes back all that was done, the last phase first, and ends' };
}

function whyNotBack({ status, atWork }: PhasesWatch): string | null {
  const { state, target, phase } = status;
  if (state === 'starting' || state === 'done' || state === 'abandoned' || state === 'going back')
    return `it can not be taken back now: it is ${state}`;
  if (!atWork) return null;
  return (
    `the run of ${phase} is at work: end that first: lockkeeper reject ${target}, or lockkeeper cancel ${target}; ` +
    'it puts back what it has done'
  );
}
