import { post } from '../adapters/http.js';
import type { TargetSettings } from '../config/schema.js';
import { noticeJson, type Notice } from '../domain/notice.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { runCommands } from './commands.js';
import type { Home, Target } from './home.js';
import type { Work } from './work.js';

export interface Told extends Noted {
  /** Who could not be told, and why, in words; empty when all were. */
  faults: readonly string[];
}

type Hook = TargetSettings['notify'][number];

/** A command takes as long as it needs to send a mail; a webhook has less (adapters/http). */
const COMMAND_SECONDS = 30;

/**
 * Tells whom the target's `notify` names. A hook that does not take it is noted and never stops a run: the
 * record and Temporal's pages tell the same. Nor do settings that cannot be read.
 */
export async function notify(home: Home, input: RunInput & Notice, work: Work): Promise<Told> {
  try {
    return await tell(home.target(input.target), input, work);
  } catch (error) {
    work.signal.throwIfAborted();
    return toldExcept([(error as Error).message], input);
  }
}

const toldExcept = (faults: readonly string[], { event }: Notice): Told => ({
  note: faults.length ? `not told: ${faults.join('; ')}` : event,
  faults,
});

/** The same, for `lockkeeper watchdog`. All are told at once, so that a slow one keeps nobody waiting. */
export async function tell(target: Target, input: RunInput & Notice, work: Work): Promise<Told> {
  const hooks = [...target.settings.notify.entries()].filter(([, hook]) => hook.events.includes(input.event));
  const came = await Promise.all(
    hooks.map(async ([index, hook]) => {
      const fault = await whyNotTold(target, index, hook, input, work);
      return fault ? [`notify[${index}]: ${fault}`] : [];
    }),
  );
  work.signal.throwIfAborted();
  return toldExcept(came.flat(), input);
}

async function whyNotTold(
  target: Target,
  index: number,
  { url, headers, command }: Hook,
  { runId, ...notice }: RunInput & Notice,
  work: Work,
): Promise<string | undefined> {
  const at = `notify[${index}]`;
  try {
    if (command) return await byCommand(target, command, runId, notice, work);
    const body = noticeJson(target.name, runId, notice, new Date().toISOString());
    const options = { headers: target.secrets(headers, `${at}.headers`), signal: work.signal };
    return await post(target.secret(url ?? '', `${at}.url`), body, options);
  } catch (error) {
    return (error as Error).message;
  }
}

async function byCommand(
  target: Target,
  command: NonNullable<Hook['command']>,
  runId: string,
  { event, text, outcome = '' as const }: Pick<Notice, 'event' | 'text'> & { outcome?: string },
  work: Work,
): Promise<undefined> {
  const environment = {
    LOCKKEEPER_EVENT: event,
    LOCKKEEPER_TEXT: text,
    LOCKKEEPER_RUN: runId,
    LOCKKEEPER_OUTCOME: outcome,
  };
  const options = { target, runId, step: 'notify', environment, timeoutSeconds: COMMAND_SECONDS };
  await runCommands([command], options, work);
}
