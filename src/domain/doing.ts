import type { Fact, RunKind, StepName, UndoName } from './record.js';

/** What a run is at when it asks for an activity: the journal tells it when Temporal is gone. */
export interface Doing {
  run: RunKind;
  step?: StepName;
  undo?: UndoName;
  /** It is past its point of no return. */
  committed?: true;
}

/** What a run is at, as its facts tell. */
export function doingOf(run: RunKind, facts: readonly Fact[]): Doing {
  const last = facts.findLast((fact) => fact.kind === 'started' || fact.kind === 'undoing');
  return {
    run,
    ...(last?.kind === 'started' ? { step: last.step } : {}),
    ...(last?.kind === 'undoing' ? { undo: last.undo } : {}),
    ...(facts.some(({ kind }) => kind === 'committed') ? { committed: true } : {}),
  };
}
