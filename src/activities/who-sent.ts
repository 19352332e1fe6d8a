import type { RunInput } from '../domain/steps.js';
import type { Home } from './home.js';

/** A message as Temporal has it in its history: what it was called, who it says it was from, who sent it. */
export interface Sender {
  message: string;
  by: string;
  /** Temporal's identity of the client; empty when it gave none (the Web UI sends none). */
  identity: string;
}

/** Reads the messages of a run from Temporal's history. Given to the steps by the worker, which has the connection. */
export type ReadSenders = (workflowId: string, runId: string) => Promise<Sender[]>;

/**
 * Who really sent the messages of this run, as far as Temporal knows: the name in a message is a claim.
 */
export const whoSent =
  (read: ReadSenders) =>
  (_home: Home, { target, runId }: RunInput): Promise<Sender[]> =>
    read(`lockkeeper:${target}`, runId);
