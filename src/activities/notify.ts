import { post } from '../adapters/http.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { runCommands } from './commands.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

/** What people are told about. */
export type EventName = 'gate-open' | 'reminder' | 'ended' | 'undo-failed' | 'closure-overdue';

export interface Notice extends RunInput {
  event: EventName;
  /** For people, one line. */
  text: string;
}

/**
 * Tells whom the target's `notify` names. A hook that does not answer is noted and never stops a run: the
 * record and Temporal's pages tell the same.
 */
export async function notify(home: Home, input: Notice, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const { event, text, runId } = input;
  const faults: string[] = [];
  for (const { url, command } of target.settings.notify) {
    const environment = { LOCKKEEPER_EVENT: event, LOCKKEEPER_TEXT: text, LOCKKEEPER_RUN: runId };
    const options = { target, runId, step: 'notify', environment, timeoutSeconds: 30 };
    const told = command
      ? runCommands([command], options, work).then(() => undefined)
      : post(url ?? '', { event, target: target.name, run: runId, text }, work.signal);
    faults.push(...(await told.then(asFaults, (error: Error) => [error.message])));
  }
  return { note: faults.length ? `not told: ${faults.join('; ')}` : event };
}

const asFaults = (fault: string | undefined): string[] => (fault ? [fault] : []);
