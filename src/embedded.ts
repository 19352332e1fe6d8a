import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where the embedded stack's Temporal listens, as its state file says; undefined when there is no stack here.
 * Reads one small file, so that a command which only asks a question does not load the whole stack.
 */
export function embeddedTemporal(state: string): string | undefined {
  try {
    const stack = JSON.parse(readFileSync(join(state, 'stack.json'), 'utf8')) as {
      temporal?: { address?: string };
    };
    return stack.temporal?.address;
  } catch {
    return undefined;
  }
}
