import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Io } from './io.js';

/** A step that is over soon needs no words, and a log no line a second; whoever sits there wants to see that it lives. */
const SAY_EVERY_MS = { log: 10_000, terminal: 3_000 } as const;

/** What the step that is at work has last said of itself: it came with its heartbeat. */
export function progressIn({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): string {
  const [said] = (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) => {
    const data = heartbeatDetails?.payloads?.[0]?.data;
    return data ? [textOf(data)] : [];
  });
  return said ?? '';
}

function textOf(data: Uint8Array): string {
  try {
    const said: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof said === 'string' ? said : '';
  } catch {
    return ''; // encoded by a codec that we do not have
  }
}

/** Says how far a long step is, when that is news, now and then. */
export class ProgressSaid {
  #text = '';
  #at = Date.now();

  constructor(private readonly io: Io) {}

  /** A step has ended, and that was said. */
  over(): void {
    this.#text = '';
    this.#at = Date.now();
  }

  say(text: string): void {
    const every = this.io.interactive ? SAY_EVERY_MS.terminal : SAY_EVERY_MS.log;
    if (!text || text === this.#text || Date.now() - this.#at < every) return;
    this.#text = text;
    this.#at = Date.now();
    this.io.say(`          ${text}`);
  }
}
