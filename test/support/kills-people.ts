import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { RunRecord } from '../../src/domain/record.js';
import { planOf } from '../../src/domain/record.js';
import type { Project } from './project.js';

const EVERY_MS = 500;
const ANSWER_MS = 5_000;

/** The people who approve a run: by signals, which need no worker, and without starting a program each time. */
export class People {
  #client: Promise<Client> | undefined;
  #stopped = false;

  constructor(private readonly project: Pick<Project, 'env' | 'workflowId'>) {}

  /** Waits until the gate is open, and that `first` is done, and lets two people approve. */
  async approve(first: () => Promise<unknown>): Promise<void> {
    await this.#until(async () => (await this.record()).outcome === 'waiting');
    await first();
    await this.#until(async () => {
      const plan = planOf(await this.record())!.planHash.slice(0, 12);
      const run = await this.#run();
      for (const by of ['bo@example.com', 'cy@example.com']) await run.signal('approve', { by, plan });
      return true;
    });
  }

  /** The run's record as its workflow tells it. */
  async record(): Promise<RunRecord> {
    const client = await this.#connected();
    return client.withDeadline(Date.now() + ANSWER_MS, async () =>
      (await this.#run()).query<RunRecord>('record'),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await (await this.#client?.catch(() => undefined))?.connection.close();
  }

  #run = async () => (await this.#connected()).workflow.getHandle(this.project.workflowId);

  #connected = (): Promise<Client> =>
    (this.#client ??= Connection.connect({ address: this.project.env['TEMPORAL_ADDRESS']! }).then(
      (connection) => new Client({ connection, namespace: this.project.env['TEMPORAL_NAMESPACE']! }),
    ));

  /** Servers and workers may be away, and come back. */
  async #until(is: () => Promise<boolean>): Promise<void> {
    while (!this.#stopped && !(await is().catch(() => false))) await sleep(EVERY_MS);
  }
}
