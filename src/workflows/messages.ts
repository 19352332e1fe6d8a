import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import { messageFrom, whyMalformed } from '../domain/messages.js';
import type { Message, MessageName, RunRecord } from '../domain/record.js';

/** What has happened so far. */
export const recordQuery = defineQuery<RunRecord>('record');

export type Via = 'signal' | 'update';

/** Takes a message. @returns words for its sender. @throws Error with the reason when it is refused */
export type Reducer = (message: Message, via: Via) => string;

const HELP: Record<MessageName, string> = {
  retry: 'An undo failed: try it again. Input: {"by":"you@example.com"}',
  stop: 'An undo failed: end the run here. Input: {"by":"you@example.com","note":"…","doneByHand":true}',
};

/**
 * Listens for a message as signal and as update, both into the same reducer. The update's validator refuses
 * only what is malformed: an update that a validator refuses leaves no trace in Temporal's history, so who may
 * not decide is told by the handler (https://docs.temporal.io/handling-messages#update-validators).
 */
export function listenFor(name: MessageName, reducer: Reducer): void {
  const description = HELP[name];
  setHandler(
    defineUpdate<string, [Message?]>(name),
    (sent?: Message) => {
      try {
        return reducer(messageFrom(sent), 'update');
      } catch (error) {
        throw ApplicationFailure.nonRetryable((error as Error).message, 'refused');
      }
    },
    { description, validator: (sent?: Message) => refuseMalformed(sent) },
  );
  setHandler(
    defineSignal<[Message?]>(name),
    (sent?: Message) => {
      if (whyMalformed(sent)) return; // nobody to tell: a signal has no answer
      try {
        reducer(messageFrom(sent), 'signal');
      } catch {
        // The reducer has put the refusal into the record.
      }
    },
    { description },
  );
}

function refuseMalformed(sent: unknown): void {
  const why = whyMalformed(sent);
  if (why) throw ApplicationFailure.nonRetryable(why, 'malformed');
}
