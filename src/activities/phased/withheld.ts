import type { Inspection } from '../../adapters/alembic/inspection.js';
import { headsAfter, part, type HeldBack } from '../../domain/phases/held.js';
import type { Phased } from '../../domain/phased.js';
import {
  phaseMoved,
  phaseStandsOnOther,
  phaseWithoutRevisions,
  standsOnHeld,
} from '../../domain/problems/phased-run.js';
import type { Target } from '../home.js';
import { editedText, editedOf } from './edited.js';
import { openChanges } from './notes.js';

export interface Withheld {
  /** Only what is run now, and where it leads to. */
  inspection: Inspection;
  heldBack: readonly HeldBack[];
}

/**
 * Leaves the revisions of a change that is under way to the runs of its phases.
 *
 * @param upTo - the run is of this phase: only what that needs
 * @param skips - nothing is migrated, so that nothing can stand in its way
 * @throws Problem `stands-on-held-back`, `phase-stands-on-other`, `phase-without-revisions`, `phase-moved`
 */
export async function withheld(
  target: Target,
  release: string,
  inspection: Inspection,
  { upTo, skips = false }: { upTo?: Phased | undefined; skips?: boolean },
): Promise<Withheld> {
  const open = await openChanges(target.config.state, target.name);
  const parted = part(inspection.pending, new Set(open.map(({ change }) => change)), upTo);
  if (parted.blocked.length && !skips) throw standsOnHeld(target.name, release, parted.blocked);
  if (upTo) {
    if (parted.missing.length) throw phaseStandsOnOther(target.name, upTo, parted.missing);
    if (!parted.runs.length) throw phaseWithoutRevisions(target.name, upTo, release);
    const note = open.find(({ change }) => change === upTo.change);
    const edited = note ? editedOf(note.revisions, parted.runs) : [];
    if (edited.length) throw phaseMoved(upTo.change, upTo.phase, edited.map(editedText));
  }
  if (parted.runs.length === inspection.pending.length) return { inspection, heldBack: [] };
  const heads = headsAfter(inspection.current, parted.runs);
  return { inspection: { ...inspection, pending: [...parted.runs], heads }, heldBack: parted.held };
}
