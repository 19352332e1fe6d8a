import { writtenWhileClosed } from '../domain/problems/people.js';
import type { Noted, RunInput } from '../domain/steps.js';
import type { Home } from './home.js';
import type { Work } from './work.js';
import { writersMoved } from './writers.js';

/**
 * Proves that nobody has written since the site was closed: only then does restoring the backup lose nothing.
 *
 * @param input.counters - as closeSite returned them
 * @throws Problem `written-while-closed`
 */
export async function writersQuiet(
  home: Home,
  input: RunInput & { counters: string },
  work: Work,
): Promise<Noted> {
  const { moved } = await writersMoved(home, { ...input, since: input.counters, last: true }, work);
  if (moved.length) throw writtenWhileClosed(input.target, moved);
  return { note: 'nothing was written since the site was closed' };
}
