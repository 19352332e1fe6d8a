import type { Client, WorkflowHandle } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockedOf } from '../domain/asked.js';
import { linesOf } from '../domain/page.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { afterText, lineText, orderText, planText } from '../report/run.js';
import { stateOf, stateText } from '../domain/state.js';
import { endedWithoutRecord } from '../domain/problems/temporal.js';
import { recordsOf, type Target } from '../local.js';
import { temporal } from '../temporal-client.js';
import type { Io } from './io.js';
import { ProgressSaid, progressIn } from './progress.js';

/** Soon after news, when more of it is likely; later a look costs more than it is worth, on Temporal Cloud in money. */
const LOOK_EVERY_MS = { least: 150, most: 400 } as const;
/** A look after so much of the time since the last news. */
const LOOK_SHARE = 1 / 20;
const QUERY_MS = 2_500;
const DESCRIBE_MS = 1_000;
/** A run that was terminated says nothing of it itself. */
const DESCRIBE_EVERY = 10;

/** The record of a run as its workflow tells it; null while no worker answers. */
export async function askRecord(client: Client, handle: WorkflowHandle): Promise<RunRecord | null> {
  try {
    return await client.withDeadline(Date.now() + QUERY_MS, () => handle.query<RunRecord>('record'));
  } catch (error) {
    if (error instanceof temporal.QueryNotRegisteredError) return null; // its first task is not done yet
    if (isWaitingForWorker(error)) return null;
    throw error;
  }
}

const isWaitingForWorker = (error: unknown): boolean =>
  /deadline|timed? ?out|no poller|not yet|unavailable|has not been processed/i.test(
    String((error as Error).message),
  ) || NO_ANSWER.includes((error as { cause?: { code?: number } }).cause?.code ?? -1);

/** gRPC: cancelled (so the client ends a call whose time is over), deadline, failed precondition, unavailable. */
const NO_ANSWER: readonly number[] = [1, 4, 9, 14];

/**
 * Shows a run as it goes, a line as it happens, until it has ended or needs an operator.
 *
 * @param waits - whether it goes on while people decide; otherwise it returns then
 *
 * @returns its record at that time
 * @throws Problem `ended-without-record` when it was ended from outside
 */
export async function follow(
  client: Client,
  handle: WorkflowHandle,
  target: Target,
  io: Io,
  waits = io.interactive,
): Promise<RunRecord> {
  const shown = new Shown(io);
  for (let looks = 1; ; looks += 1) {
    const record = await askRecord(client, handle);
    if (record) shown.show(record);
    if (record && !goesOn(record, waits)) {
      if (isOver(record)) await untilClosed(client, handle);
      return record;
    }
    if (!record || looks % DESCRIBE_EVERY === 0) {
      const run = await describe(client, handle);
      if (run && run.status !== 'RUNNING') {
        const kept = await keptRecord(client, target, handle.workflowId, run);
        shown.show(kept);
        return kept;
      }
      shown.progress.say(run?.progress ?? '');
      if (!record) shown.silent(run ? 'no worker answers' : 'Temporal does not answer');
    }
    await sleep(shown.pauseMs());
  }
}

const goesOn = ({ outcome }: RunRecord, waits: boolean): boolean =>
  outcome === 'running' || (outcome === 'waiting' && waits);

const isOver = ({ outcome }: RunRecord): boolean => !['running', 'waiting', 'repair'].includes(outcome);

const CLOSED_MS = 10_000;

/**
 * A run says how it ended a moment before it is over for Temporal, and before its record is kept: whoever
 * starts the next one at once would be told that this one still runs.
 */
async function untilClosed(client: Client, handle: WorkflowHandle): Promise<void> {
  for (const until = Date.now() + CLOSED_MS; Date.now() < until; await sleep(CLOSED_LOOK_MS)) {
    const run = await describe(client, handle);
    if (run && run.status !== 'RUNNING') return;
  }
}

const CLOSED_LOOK_MS = 50;

interface Described {
  runId: string;
  status: string;
  /** Of the step that is at work, in its words. */
  progress?: string;
}

/** What Temporal itself knows of a run, without a worker; null while it does not answer. */
const describe = (client: Client, handle: WorkflowHandle): Promise<Described | null> =>
  client
    .withDeadline(Date.now() + DESCRIBE_MS, () => handle.describe())
    .then(
      (run) => ({ runId: run.runId, status: run.status.name, progress: progressIn(run) }),
      () => null,
    );

/**
 * The record of a run that is over: from the state folder, else as the run itself tells it to a client that does
 * not have that folder.
 *
 * @throws Problem `ended-without-record`
 */
export async function keptRecord(
  client: Client,
  { config, name }: Target,
  workflowId: string,
  { runId, status }: Described,
): Promise<RunRecord> {
  const kept = (await recordsOf(config.state, name)).find((each) => each.runId === runId);
  const record = kept ?? (await askRecord(client, client.workflow.getHandle(workflowId, runId)));
  if (!record || !isOver(record)) throw endedWithoutRecord(name, workflowId, runId, status);
  return record;
}

/** What was said already, so that each line is printed once. */
class Shown {
  readonly #io: Io;
  readonly progress: ProgressSaid;
  #lines = 0;
  #heardAt = Date.now();
  #newsAt = Date.now();
  #told = '';
  #toldSilence = false;

  constructor(io: Io) {
    this.#io = io;
    this.progress = new ProgressSaid(io);
  }

  show(record: RunRecord): void {
    this.#heardAt = Date.now();
    const plan = planOf(record);
    const over = linesOf(record).filter(({ state }) => state !== 'now' && state !== 'to do');
    for (const line of over.slice(this.#lines)) {
      this.#io.say(lineText(line));
      if (plan && line.name === 'check')
        for (const text of [`          ${planText(plan, record.kind)}`, ...orderText(record)])
          this.#io.say(text);
    }
    if (over.length > this.#lines) {
      this.#newsAt = this.#heardAt;
      this.progress.over();
    }
    this.#lines = over.length;
    // People may be asked more than once in a run: to approve it, and each time that it is blocked.
    const asked = `${record.outcome} ${blockedOf(record)?.at ?? ''}`;
    if (record.outcome === 'running' || asked === this.#told) return;
    this.#told = asked;
    this.#io.say(`\n${stateText(stateOf(record))}`);
    for (const line of afterText(record)) this.#io.say(line);
  }

  /** How long to wait with the next look, in milliseconds. */
  pauseMs(): number {
    const { least, most } = LOOK_EVERY_MS;
    return Math.min(most, Math.max(least, (Date.now() - this.#newsAt) * LOOK_SHARE));
  }

  /** Told once, when nothing was heard for as long as a busy worker may take. */
  silent(why: string): void {
    if (this.#toldSilence || Date.now() - this.#heardAt < QUERY_MS) return;
    this.#toldSilence = true;
    const cure = why.startsWith('Temporal') ? 'it does' : 'one is there: lockkeeper worker';
    this.#io.say(`  waits   ${why}. The run goes on by itself once ${cure}`);
  }
}
