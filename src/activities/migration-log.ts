import type { BridgeEvent } from '../adapters/alembic/events.js';
import type { Target } from './home.js';
import { stepLog } from './step-log.js';
import type { Work } from './work.js';

/**
 * Writes what the bridge tells to the step's log, as JSON lines, and says to whoever watches which revision
 * and statement it is at.
 */
export async function migrationLog(
  target: Target,
  runId: string,
  step: string,
  work: Work,
): Promise<(event: BridgeEvent) => void> {
  const log = await stepLog(target, runId, step);
  return (event) => {
    log(event);
    const words = progressWords(event);
    if (words) work.progress(words);
  };
}

export function progressWords(event: BridgeEvent): string | undefined {
  if (event.event === 'step') return `revision ${event.revision} (${event.index + 1} of ${event.of})`;
  if (event.event === 'own_connection')
    return `revision ${event.revision} opens a connection of its own${event.at ? ` at ${event.at}` : ''}: nobody looks before what it sends there`;
  if (event.event === 'statement')
    return `revision ${event.revision ?? ''}: ${event.sql.replace(/\s+/g, ' ').slice(0, 100)}`;
  return undefined;
}
