import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { messageFrom, whyMalformed } from '../domain/messages.js';
import type { Message, MessageName, RunRecord } from '../domain/record.js';
import { inWords } from './failures.js';

/** What has happened so far. */
export const recordQuery = defineQuery<RunRecord>('record');

/** How things stand, small. */
export const statusQuery = defineQuery<object>('status');

/** From the alarm of a closure to the run that may still be at work in it. */
export const overdueSignal = defineSignal<[{ says: string }]>('overdue');

export type Via = 'signal' | 'update';

/** What a message came to: words for its sender, or why it is refused. */
export type Answer = { answer: string } | { refused: string };

/** Takes a message. Puts it, or its refusal, into the record itself. */
export type Reducer = (message: Message, via: Via) => Answer | Promise<Answer>;

const HELP: Record<MessageName, string> = {
  approve:
    'Approve the plan that waits. Input: {"by":"you@example.com","plan":"<first 8 characters or more>"}',
  reject:
    'Reject it: the run ends, everything as it was. Input: {"by":"you@example.com","plan":"…","note":"…"}',
  choose:
    'Manual mode: choose what is done. Input: {"by":"you@example.com","plan":"…","choice":"migrate"} (or skip, end). ' +
    'Others keep the migration from its lock: {"by":"you@example.com","choice":"wait"}, "budget" with "budgetMs":6000, ' +
    '"cancel" with "pids":[4711], "window" or "give-up"',
  retry: 'An undo failed: try it again. Input: {"by":"you@example.com"}',
  stop: 'An undo failed: end the run here. Input: {"by":"you@example.com","note":"…","doneByHand":true}',
  maintenance:
    'Close or open the site while the run waits for people. Input: {"by":"you@example.com","turn":"on","reason":"…"} (or off)',
  pause: 'Stop after the batch that is at work, until it is resumed. Input: {"by":"you@example.com"}',
  resume: 'Go on; parked rows are tried again. Input: {"by":"you@example.com"}',
  go: 'Begin the phase that waits, or try again what failed. Input: {"by":"you@example.com"}; against a wait or a missing proof with "overrule":"why"',
  back: 'Take back the phase that was done last. Input: {"by":"you@example.com","note":"…"}',
  abandon: 'Give the change up: take back all that was done. Input: {"by":"you@example.com","note":"…"}',
  rate: 'The most rows a second; 0 is no limit. Input: {"by":"you@example.com","rowsPerSecond":5000}',
};

/**
 * Listens for a message as signal and as update, both into the same reducer. The update's validator refuses
 * only what is malformed: an update that a validator refuses leaves no trace in Temporal's history, so who may
 * not decide is told by the handler (https://docs.temporal.io/handling-messages#update-validators).
 */
export function listenFor(
  name: MessageName,
  reducer: Reducer,
  malformed: (why: string) => void,
  description = HELP[name],
): void {
  setHandler(
    defineUpdate<string, [Message?]>(name),
    (sent?: Message) => {
      const came = reducer(messageFrom(sent), 'update');
      return came instanceof Promise ? came.then(answerOf) : answerOf(came);
    },
    { description, validator: (sent?: Message) => refuseMalformed(sent) },
  );
  setHandler(
    defineSignal<[Message?]>(name),
    (sent?: Message) => {
      const why = whyMalformed(sent);
      if (why)
        malformed(why); // a signal has no answer: the record is all that can tell
      else void reducer(messageFrom(sent), 'signal');
    },
    { description },
  );
}

function answerOf(came: Answer): string {
  if ('refused' in came) throw inWords(came.refused, 'refused');
  return came.answer;
}

function refuseMalformed(sent: unknown): void {
  const why = whyMalformed(sent);
  if (why) throw inWords(why, 'malformed');
}
