import { blockedChoices, isBlockedChoice, type BlockedChoice } from '../domain/blocked-gate.js';
import { wrongUse } from '../domain/problems/use.js';
import type { Message } from '../domain/record.js';
import type { GlobalOptions, Io } from './io.js';
import { assertWorker, send, withRun } from './running.js';
import { whoAmI } from './who.js';

export interface ChooseOptions extends GlobalOptions {
  ms?: string;
  pid?: readonly string[];
  typed?: string;
  note?: string;
}

/**
 * Says what is done where others keep the migration from its lock, and tells what the run answered.
 *
 * @throws Problem `wrong-use`, `not-running`, `worker-silent`, `message-refused` in the run's own words
 */
export async function chooseCommand(
  what: string | undefined,
  targetName: string | undefined,
  options: ChooseOptions,
  io: Io,
): Promise<number> {
  if (!isBlockedChoice(what))
    throw wrongUse(
      `choose takes one of ${blockedChoices.join(', ')}; got ${String(what).slice(0, 40)}`,
      'choose',
    );
  const message = messageFor(what, options);
  return withRun(targetName, options, async (running) => {
    await assertWorker(running);
    const answer = await send(running.run.handle, 'choose', message);
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : answer);
    return 0;
  });
}

function messageFor(choice: BlockedChoice, { ms, pid = [], typed, note }: ChooseOptions): Message {
  if (ms !== undefined && choice !== 'budget') throw wrongUse('--ms belongs to choose budget', 'choose');
  if (pid.length && choice !== 'cancel') throw wrongUse('--pid belongs to choose cancel', 'choose');
  return {
    ...{ by: whoAmI(), choice },
    ...(ms === undefined ? {} : { budgetMs: wholeNumber(ms, '--ms') }),
    ...(pid.length ? { pids: pid.map((each) => wholeNumber(each, '--pid')) } : {}),
    ...(typed ? { typed } : {}),
    ...(note ? { note } : {}),
  };
}

function wholeNumber(text: string, flag: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw wrongUse(`${flag} takes whole numbers above 0; got ${text.slice(0, 40)}`, 'choose');
}
