import { WorkflowUpdateFailedError } from '@temporalio/client';
import { connect, hasWorker, latestRun } from '../client.js';
import { messageRefused, notRunning, workerSilent } from '../domain/problems/temporal.js';
import type { Message, MessageName } from '../domain/record.js';
import { workflowIdOf } from '../domain/requests.js';
import { homeAt } from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';

export interface MessageOptions extends GlobalOptions {
  note?: string;
  doneByHand?: boolean;
}

/** Sends `retry` or `stop` to the target's run, and tells what it answered. */
export async function messageCommand(
  name: MessageName,
  targetName: string | undefined,
  options: MessageOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const client = await connect(target.config.state);
  try {
    const run = await latestRun(client, workflowIdOf(target.name));
    if (!run?.running) throw notRunning(target.name);
    if (!(await hasWorker(client, target.config.taskQueue))) throw workerSilent(target.name);
    const { note, doneByHand } = options;
    const message: Message = {
      by: whoAmI(),
      ...(note ? { note } : {}),
      ...(doneByHand ? { doneByHand } : {}),
    };
    const answer = await run.handle.executeUpdate<string, [Message]>(name, { args: [message] });
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : `${name}: ${answer}`);
    return 0;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw messageRefused(name, error.cause?.message ?? error.message);
    throw error;
  } finally {
    await client.connection.close();
  }
}

/** Asks the target's run to end. It undoes what it did. */
export async function cancelCommand(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const client = await connect(target.config.state);
  try {
    const run = await latestRun(client, workflowIdOf(target.name));
    if (!run?.running) throw notRunning(target.name);
    await run.handle.cancel();
    const said = `asked the ${run.type} of ${target.name} to end; it undoes what it did`;
    io.out(
      io.json
        ? JSON.stringify({ schemaVersion: 1, answer: said })
        : `${said}: lockkeeper status ${target.name} --watch`,
    );
    return 0;
  } finally {
    await client.connection.close();
  }
}
