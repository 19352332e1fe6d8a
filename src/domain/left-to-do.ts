import type { Stood } from './journal.js';
import { closesSite, type Plan } from './plan.js';
import type { Fact, StepName, UndoName } from './record.js';

/** Of the plan of a run: all that decides what is left to do. */
export type Reach = Pick<Plan, 'procedure'> & { revisions: number; keeps?: boolean };

/** All that is put back as before, or all that the run would have done. */
export type Way = 'put-back' | 'go-on';

/** What is left to do by hand, first things first; or why nothing can be said. */
export type LeftToDo = { way: Way; todo: readonly (UndoName | StepName)[] } | { nothing: string };

const isStep =
  (step: StepName) =>
  (fact: Fact): boolean =>
    fact.kind === 'started' && fact.step === step;

const began = ({ facts }: Pick<Stood, 'facts'>, step: StepName): boolean => facts.some(isStep(step));

const finished = ({ facts }: Pick<Stood, 'facts'>, step: StepName): boolean =>
  facts.some((fact) => fact.kind === 'finished' && fact.step === step);

/** The undos that a run declares before a step of it begins, in the order in which it does. */
function declaredBy(stood: Stood, reach: Reach | null, step: StepName): readonly UndoName[] {
  if (step === 'maintenance on') return ['maintenance off'];
  if (stood.kind === 'restore') return ofRestore[step] ?? [];
  if (stood.kind === 'rollback') return ofRollback[step] ?? [];
  if (stood.kind !== 'deploy') return [];
  if (step === 'migrate')
    return [reach && closesSite(reach.procedure) ? 'put the database back' : 'put the schema back'];
  if (step === 'keepsakes') return ['let keepsakes go'];
  if (step !== 'deploy') return [];
  // A release that migrates by itself has then moved what its run left alone.
  const alone = !began(stood, 'migrate') && (reach?.revisions ?? 0) > 0;
  return alone ? ['put the schema back', 'put the release back'] : ['put the release back'];
}

const ofRestore: Partial<Record<StepName, readonly UndoName[]>> = {
  swap: ['put the database back'],
  deploy: ['put the release back'],
};
const ofRollback: Partial<Record<StepName, readonly UndoName[]>> = {
  'put the release back': ['deploy again'],
  'put the schema back': ['migrate again'],
};

/** Undos that are left, newest first. */
function undosLeft(stood: Stood, reach: Reach | null): UndoName[] {
  const { facts } = stood;
  const left: UndoName[] = [];
  for (const fact of facts) {
    if (fact.kind === 'started') left.unshift(...[...declaredBy(stood, reach, fact.step)].reverse());
    if (fact.kind === 'committed') left.splice(0, Infinity, 'maintenance off');
    if (fact.kind === 'undone' || fact.kind === 'left')
      left.splice(0, Infinity, ...left.filter((undo) => undo !== fact.undo));
    if (fact.kind === 'finished' && fact.step === 'maintenance off') left.splice(0, Infinity);
    if (fact.kind === 'undo failed') left.splice(0, Infinity, ...fact.left);
  }
  // What was taken over from a run that is no more, and what people have opened meanwhile.
  const site = facts.findLast((fact) => fact.kind === 'site' || isSiteStep(fact));
  if (site?.kind === 'site' && site.is === 'closed' && !left.includes('maintenance off'))
    left.push('maintenance off');
  return left;
}

const isSiteStep = (fact: Fact): boolean =>
  (fact.kind === 'finished' && (fact.step === 'maintenance on' || fact.step === 'maintenance off')) ||
  (fact.kind === 'undone' && fact.undo === 'maintenance off');

/** A run that ended leaves work only where an undo failed, and nobody has said that the rest was done by hand. */
function whyNothing({ ended, facts }: Stood): string | null {
  if (!ended) return null;
  const failed = facts.some(({ kind }) => kind === 'undo failed');
  if (!failed) return 'the last run has ended, and has left nothing open';
  const said = facts.findLast((fact) => fact.kind === 'said' && fact.message === 'stop');
  return said?.kind === 'said' && said.note?.includes('done by hand')
    ? 'the last run was ended by a person, who has said that the rest was done by hand'
    : null;
}

const forward: Partial<Record<NonNullable<Stood['kind']>, readonly StepName[]>> = {
  deploy: ['migrate', 'verify', 'deploy', 'health', 'maintenance off'],
  rollback: ['put the release back', 'put the schema back', 'verify', 'maintenance off'],
  restore: ['deploy', 'health', 'maintenance off'],
};

/**
 * What is left to do by hand of a run that stands anywhere.
 *
 * @param reach - of its plan; null when it has none
 */
export function leftToDo(stood: Stood, reach: Reach | null, way: Way): LeftToDo {
  const nothing = whyNothing(stood);
  if (nothing) return { nothing };
  const undos = undosLeft(stood, reach);
  if (!undos.length) return { nothing: 'nothing was changed yet: there is nothing to put back' };
  if (way === 'put-back') return { way, todo: undos };
  const why = whyNotOn(stood, reach);
  return why ? { nothing: why } : { way, todo: stepsLeft(stood, undos) };
}

/** Why a run cannot be gone on with by hand; null: it can. */
function whyNotOn(stood: Stood, reach: Reach | null): string | null {
  if (stood.facts.some(({ kind }) => kind === 'undoing'))
    return 'it is being undone already: going on from there would be a mixture';
  if (stood.kind === 'restore' && !finished(stood, 'swap'))
    return 'the restored database has not taken the name: put it back, and start the restore again';
  if (stood.kind === 'rollback' && reach?.keeps)
    return 'its keepsakes are put back by a run alone: put it back, and roll back again when Temporal answers';
  if (stood.kind === 'deploy' && reach?.keeps && !finished(stood, 'migrate'))
    return 'alembic alone would keep nothing of what goes: put it back, and start again when Temporal answers';
  const closing = stood.kind === 'deploy' && reach !== null && closesSite(reach.procedure);
  if (closing && !began(stood, 'migrate') && !finished(stood, 'back up again'))
    return 'the backup with the site closed has not come to its end: put it back, and start again';
  return null;
}

function stepsLeft(stood: Stood, undos: readonly UndoName[]): StepName[] {
  const steps = forward[stood.kind ?? 'deploy'] ?? [];
  const known = steps.filter((step) => !finished(stood, step));
  const closed = undos.includes('maintenance off');
  const skipped = stood.kind === 'deploy' && began(stood, 'deploy') && !began(stood, 'migrate');
  const swapped = stood.kind === 'restore' && !began(stood, 'deploy');
  return known.filter(
    (step) =>
      (step !== 'maintenance off' || closed) &&
      !(skipped && (step === 'migrate' || step === 'verify')) &&
      !(swapped && step === 'deploy' && began(stood, 'health')),
  );
}

/** Whether a rollback has taken a schema back whose keepsakes it has not put back yet. */
export function keepsakesWait({ kind, facts }: Pick<Stood, 'kind' | 'facts'>, reach: Reach | null): boolean {
  const last = (step: StepName): number =>
    facts.findLastIndex((fact) => fact.kind === 'finished' && fact.step === step);
  const back = last('put the schema back');
  const undone = facts.some((fact) => fact.kind === 'undone' && fact.undo === 'migrate again');
  return kind === 'rollback' && reach?.keeps === true && back > last('put keepsakes back') && !undone;
}
