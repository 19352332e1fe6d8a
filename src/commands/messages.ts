import type { MessageName } from '../domain/record.js';
import type { GlobalOptions, Io } from './io.js';
import { assertWorker, send, withRun } from './running.js';
import { whoAmI } from './who.js';

export interface MessageOptions extends GlobalOptions {
  note?: string;
  doneByHand?: boolean;
}

/** Sends `retry` or `stop` to the target's run, and tells what it answered. */
export const messageCommand = (
  name: MessageName,
  targetName: string | undefined,
  options: MessageOptions,
  io: Io,
): Promise<number> =>
  withRun(targetName, options, async (running) => {
    await assertWorker(running);
    const { note, doneByHand } = options;
    const said = { ...(note ? { note } : {}), ...(doneByHand ? { doneByHand } : {}) };
    const answer = await send(running.run.handle, name, { by: whoAmI(), ...said });
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : `${name}: ${answer}`);
    return 0;
  });

/** Asks the target's run to end. It undoes what it did. */
export const cancelCommand = (
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> =>
  withRun(targetName, options, async ({ target, run }) => {
    await run.handle.cancel();
    const answer = `asked the ${run.type} of ${target.name} to end; it undoes what it did`;
    const text = `${answer}: lockkeeper status ${target.name} --watch`;
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : text);
    return 0;
  });
