import { movesOf } from '../../domain/rollback.js';
import { isRevisionPhase, type NotedRevision, type PhaseName } from '../../domain/phases/settings.js';
import { isDone, type PhaseLine } from '../../domain/phases/status.js';
import { phaseWithoutRevisions } from '../../domain/problems/phased-run.js';
import type { Home, Target } from '../home.js';
import { recordsOf } from '../records.js';
import type { Work } from '../work.js';
import type { PhasesInput } from './begin.js';
import { editedOf, editedText } from './edited.js';
import { findRevisions, type FoundRevisions } from './find.js';
import { readNote, writeNote } from './notes.js';

export interface LookAtPhaseInput extends PhasesInput {
  phase: PhaseName;
  release: string | null;
  /** As they stand. */
  lines: readonly PhaseLine[];
  /** What was found before, and a person takes as it is. */
  accepted: readonly string[];
}

/** What stands in the way of a phase, in words; `canGo`: a person may take it as it is. */
export interface FoundAtPhase {
  says: string;
  canGo: boolean;
}

export interface PhaseSeen {
  release: string;
  running: string | null;
  /** That it would run now; 0 of a phase that is in the database already, or has none. */
  revisions: number;
  found: readonly FoundAtPhase[];
}

/**
 * Looks, before a phase begins, whether all is as it was left: the files of the change, the database, the release that runs.
 *
 * @throws Problem those of fetchRelease and inspect
 */
export async function lookAtPhase(home: Home, input: LookAtPhaseInput, work: Work): Promise<PhaseSeen> {
  const target = home.target(input.target);
  const { state } = target.config;
  const seen = await findRevisions(home, input, work);
  const note = await readNote(state, target.name, input.change);
  const noted = note?.revisions ?? [];
  const pending = seen.pending.filter(({ change }) => change === input.change);
  const own = pending.filter(({ phase }) => phase === input.phase);
  const edited = editedOf(noted, pending).map((each) => ({ ...each, says: editedText(each) }));
  const found = [
    ...edited.map(({ says }) => ({ says, canGo: true })),
    ...gone(input, noted, seen),
    ...missing(target.name, input, own, noted, seen),
    ...(await wentBack(target, input, seen)),
  ].filter(({ says, canGo }) => !(canGo && input.accepted.includes(says)));
  const taken = edited.filter(({ says }) => input.accepted.includes(says)).map(({ revision }) => revision);
  if (note) await writeNote(state, { ...note, revisions: merged(noted, pending, taken) });
  return {
    ...{ release: seen.release.name, running: seen.release.running },
    ...{ revisions: own.length, found: found.slice(0, 10) },
  };
}

/** What was noted stays, but for what is new, and what a person takes as it is. */
function merged(
  noted: readonly NotedRevision[],
  pending: readonly NotedRevision[],
  taken: readonly string[],
): NotedRevision[] {
  const fresh = pending.filter(
    ({ revision }) => taken.includes(revision) || !noted.some((each) => each.revision === revision),
  );
  return [
    ...noted.filter(({ revision }) => !fresh.some((each) => each.revision === revision)),
    ...fresh.map(({ revision, phase, file, sha256 }) => ({ revision, phase, file, sha256 })),
  ];
}

/** Phases that were done, and whose revisions somebody has taken back. */
function gone(
  { lines }: LookAtPhaseInput,
  noted: readonly NotedRevision[],
  { inspection }: FoundRevisions,
): FoundAtPhase[] {
  const applied = new Set(inspection.applied.map(({ revision }) => revision));
  return lines.filter(isDone).flatMap(({ phase }) => {
    const lost = noted.filter((each) => each.phase === phase && !applied.has(each.revision));
    if (!lost.length) return [];
    const names = lost.map(({ revision }) => revision).join(', ');
    const says = `the database lacks ${names} of ${phase}, which was done: somebody has taken it back`;
    return [{ says, canGo: false }];
  });
}

function missing(
  target: string,
  { change, phase }: LookAtPhaseInput,
  own: readonly NotedRevision[],
  noted: readonly NotedRevision[],
  { inspection, release }: FoundRevisions,
): FoundAtPhase[] {
  if (!isRevisionPhase(phase) || own.length) return [];
  const applied = new Set(inspection.applied.map(({ revision }) => revision));
  const known = noted.filter((each) => each.phase === phase);
  // Somebody has run them by hand.
  if (known.length && known.every(({ revision }) => applied.has(revision))) return [];
  const { message } = phaseWithoutRevisions(target, { phase, change }, release.name);
  return [{ says: message, canGo: false }];
}

/** A release of before the change would meet what it does not know. Later ones may pass. */
async function wentBack(
  { config, name }: Target,
  { phase, lines }: LookAtPhaseInput,
  { release: { running } }: FoundRevisions,
): Promise<FoundAtPhase[]> {
  const deployed = lines.find((line) => line.phase === 'deploy' && line.state === 'done');
  if (phase === 'expand' || phase === 'deploy' || !deployed || running === null) return [];
  if (running === deployed.release) return [];
  const moves = movesOf(await recordsOf(config.state, name));
  const at = moves.findIndex(({ plan }) => plan.planHash === deployed.planHash);
  const older = at < 0 ? [] : moves.slice(at).flatMap(({ plan }) => plan.running ?? []);
  if (running !== deployed.before && !older.includes(running)) return [];
  const says = `release ${running} runs, which is older than ${deployed.release}, the one that uses what is new`;
  return [{ says, canGo: true }];
}
