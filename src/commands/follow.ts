import { QueryNotRegisteredError, type Client, type WorkflowHandle } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { linesOf } from '../domain/page.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { afterText, lineText, planText } from '../report/run.js';
import { stateOf, stateText } from '../domain/state.js';
import type { Io } from './io.js';

const LOOK_EVERY_MS = 400;
const QUERY_MS = 3_000;

/** The record of a run as its workflow tells it; null while no worker answers. */
export async function askRecord(client: Client, handle: WorkflowHandle): Promise<RunRecord | null> {
  try {
    return await client.withDeadline(Date.now() + QUERY_MS, () => handle.query<RunRecord>('record'));
  } catch (error) {
    if (error instanceof QueryNotRegisteredError) return null; // its first task is not done yet
    if (isWaitingForWorker(error)) return null;
    throw error;
  }
}

const isWaitingForWorker = (error: unknown): boolean =>
  /deadline|timed? ?out|no poller|not yet|unavailable|has not been processed/i.test(
    String((error as Error).message),
  ) || [4, 9, 14].includes((error as { code?: number; cause?: { code?: number } }).cause?.code ?? -1);

/**
 * Shows a run as it goes, a line as it happens, until it has ended or waits for a person.
 *
 * @returns its record at that time
 */
export async function follow(client: Client, handle: WorkflowHandle, io: Io): Promise<RunRecord> {
  const shown = new Shown(io);
  for (;;) {
    const record = await askRecord(client, handle);
    if (!record) shown.silent();
    else {
      shown.show(record);
      if (record.outcome !== 'running') return record;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** What was said already, so that each line is printed once. */
class Shown {
  readonly #io: Io;
  #lines = 0;
  #plan = false;
  #silentSince: number | undefined;
  #toldSilence = false;

  constructor(io: Io) {
    this.#io = io;
  }

  show(record: RunRecord): void {
    this.#silentSince = undefined;
    const plan = planOf(record);
    const over = linesOf(record).filter(({ state }) => state !== 'now' && state !== 'to do');
    for (const line of over.slice(this.#lines)) this.#io.say(lineText(line));
    this.#lines = over.length;
    if (plan && !this.#plan) this.#io.say(`          ${planText(plan, record.kind)}`);
    this.#plan ||= Boolean(plan);
    if (record.outcome === 'running') return;
    this.#io.say(`\n${stateText(stateOf(record))}`);
    for (const line of afterText(record)) this.#io.say(line);
  }

  /** A worker that died is told once: the run itself waits and goes on by itself. */
  silent(): void {
    this.#silentSince ??= Date.now();
    if (this.#toldSilence || Date.now() - this.#silentSince < QUERY_MS) return;
    this.#toldSilence = true;
    this.#io.say('  waits   no worker answers. The run goes on once one is there: lockkeeper worker');
  }
}
