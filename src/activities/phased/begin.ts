import { changeOf, spokenOf, type ChangeSettings } from '../../config/change.js';
import { noSuchChange } from '../../domain/problems/phased-run.js';
import {
  isRevisionPhase,
  phaseNames,
  spanIn,
  type NotedRevision,
  type PhaseName,
  type PlannedChange,
  type PlannedPhase,
} from '../../domain/phases/settings.js';
import { isDone, type PhaseLine } from '../../domain/phases/status.js';
import type { RunInput } from '../../domain/steps.js';
import { count } from '../../domain/units.js';
import type { Home } from '../home.js';
import type { Work } from '../work.js';
import { fillsOf } from './fills.js';
import { findRevisions } from './find.js';
import { readNote, writeNote, type ChangeNote } from './notes.js';

export interface PhasesInput extends RunInput {
  change: string;
}

/** What a change is going to do, as far as it can be seen at its beginning. */
export interface PhasesBegun {
  plan: PlannedChange;
  lines: readonly PhaseLine[];
  notes: readonly string[];
  /** Of an earlier run. */
  plans: readonly string[];
  runs: readonly string[];
}

/**
 * Finds out what belongs to a change, and notes it in the state folder: from then on its revisions wait for their phases.
 * One that was begun before, and neither ended nor was given up, goes on where it was.
 *
 * @throws Problem `change-faults`, `no-such-change`, `change-without-filling`; those of fetchRelease, inspect and backfillSettings
 */
export async function beginPhases(
  home: Home,
  { settings, ...input }: PhasesInput & { settings?: Readonly<Record<string, unknown>> },
  work: Work,
): Promise<PhasesBegun> {
  const given = changeOf(input.change, settings);
  const target = home.target(input.target);
  const { state } = target.config;
  const first = given.expand.release ?? given.release ?? null;
  const { release, inspection, pending } = await findRevisions(home, { ...input, release: first }, work);
  const applied = new Set(inspection.applied.map(({ revision }) => revision));
  const before = goesOn(await readNote(state, target.name, input.change), applied);
  const own = pending.filter(({ change }) => change === input.change);
  const revisions = [...own.map(withoutChange), ...noted(before, own)];
  const isThere = (phase: PhaseName) => revisions.some((each) => each.phase === phase);
  if (!phaseNames.some((phase) => isRevisionPhase(phase) && isThere(phase)))
    throw noSuchChange(target.name, input.change, release.name, [
      ...new Set(pending.map(({ change }) => change)),
    ]);
  const spoken = spokenOf(settings);
  const fills = await fillsOf(target.project(release.name), given, revisions, spoken.includes('backfill'));
  const has = (phase: PhaseName) =>
    phase === 'deploy' ||
    (phase === 'backfill' ? fills.length > 0 : isThere(phase) || spoken.includes(phase));
  const plan: PlannedChange = {
    phases: phaseNames.map((phase) => planned(phase, given, has(phase))),
    fills,
    proofEveryMs: spanIn(given.contract.proofEvery) ?? 0,
  };
  const lines = plan.phases.map((one) => lineOf(one, revisions, applied, before));
  await writeNote(state, {
    ...{ formatVersion: 1, target: target.name, change: input.change, runId: input.runId },
    ...{ openedAt: before?.openedAt ?? new Date().toISOString(), plan, revisions },
    status: before?.status ?? null,
  });
  const { plans = [], runs = [] } = before?.status ?? {};
  return { plan, lines, notes: notesFor(plan, release.name, before), plans, runs };
}

const withoutChange = ({ revision, phase, file, sha256 }: NotedRevision): NotedRevision => ({
  ...{ revision, phase, file, sha256 },
});

/** One that ended or was given up begins anew; not one of which a rollback has taken back the end alone. */
function goesOn(note: ChangeNote | null, applied: ReadonlySet<string>): ChangeNote | null {
  if (!note || note.closed?.as === 'abandoned') return null;
  if (note.closed?.as !== 'done') return note;
  const there = note.revisions.filter(({ revision }) => applied.has(revision)).length;
  return there > 0 && there < note.revisions.length ? note : null;
}

/** What was seen before, and is not pending any more. */
const noted = (before: ChangeNote | null, pending: readonly NotedRevision[]): readonly NotedRevision[] =>
  (before?.revisions ?? []).filter((each) => !pending.some(({ revision }) => revision === each.revision));

function planned(phase: PhaseName, given: ChangeSettings, expected: boolean): PlannedPhase {
  const { after, ask } = given[phase];
  const own = phase === 'backfill' ? undefined : given[phase].release;
  return {
    ...{ phase, release: own ?? given.release ?? null, afterMs: spanIn(after) ?? 0, ask, expected },
  };
}

/** A phase that an earlier run has done stays done as long as its revisions are in the database. */
function lineOf(
  { phase, expected }: PlannedPhase,
  revisions: readonly NotedRevision[],
  applied: ReadonlySet<string>,
  before: ChangeNote | null,
): PhaseLine {
  const own = revisions.filter((each) => each.phase === phase);
  const was = before?.status?.lines.find((line) => line.phase === phase);
  if (was && isDone(was) && own.every(({ revision }) => applied.has(revision))) return was;
  if (!expected) return { phase, state: 'nothing to do', says: 'it has nothing of it' };
  return { phase, state: 'to do', says: own.length ? count(own.length, 'revision') : '' };
}

function notesFor({ phases }: PlannedChange, release: string, before: ChangeNote | null): string[] {
  const without = phases.filter(({ expected }) => !expected).map(({ phase }) => phase);
  return [
    ...(before ? ['it goes on where an earlier run was'] : []),
    ...(without.length
      ? [
          `release ${release} has nothing of ${without.join(', ')}: ` +
            'where a later release brings it, speak of it in the change file',
        ]
      : []),
  ];
}
