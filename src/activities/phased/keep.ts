import type { PhasesStatus } from '../../domain/phases/status.js';
import type { Home } from '../home.js';
import type { PhasesInput } from './begin.js';
import { readNote, writeNote } from './notes.js';

/**
 * Keeps how a change stands in the state folder.
 *
 * @param closed - it is not under way any more: nothing is held back for it from now on
 */
export async function keepPhases(
  home: Home,
  { target: wanted, change, status, closed }: PhasesInput & { status: PhasesStatus; closed?: string },
): Promise<null> {
  const target = home.target(wanted);
  const note = await readNote(target.config.state, target.name, change);
  if (note) {
    const { closed: _, ...open } = note;
    const over = closed === undefined ? {} : { closed: { at: new Date().toISOString(), as: closed } };
    await writeNote(target.config.state, { ...open, status, ...over });
  }
  return null;
}
