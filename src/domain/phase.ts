/**
 * What a change means for the release that runs now: `expand` adds what it does not know yet, `contract` takes away
 * or forbids what it may still use, `neutral` does neither, such as an index.
 */
export type Phase = 'expand' | 'neutral' | 'contract';

/** One thing that a revision takes away from the running release, or forbids it. */
export interface ContractStep {
  revision: string;
  /** In words: `drops orders.note`. */
  what: string;
  table: string;
  /** Absent where the whole table is meant. */
  column?: string;
}

/** Whether the running release uses it, by its files; `maybe`: the word stands in them, but not beside the table. */
export type Usage = 'yes' | 'maybe' | 'no' | 'not known';

/** A contract step with what the files of the running release say. */
export interface JudgedStep extends ContractStep {
  usage: Usage;
  /** `file:line` in the running release, at most three. */
  places: readonly string[];
}

export interface PlanPhase {
  phase: Phase;
  steps: readonly JudgedStep[];
}

/** What the files of the running release say about words; null where they are not at hand. */
export interface Mentions {
  /** Files that were read. */
  files: number;
  /** For each `table` and `table.column` that was asked for. */
  found: Readonly<Record<string, { usage: Exclude<Usage, 'not known'>; places: readonly string[] }>>;
}

/** Under which word a step is looked for. */
export const wordOf = ({ table, column }: Pick<ContractStep, 'table' | 'column'>): string =>
  column === undefined ? table : `${table}.${column}`;
