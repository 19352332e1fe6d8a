/** What an operator is told of a failure. How things stand is not told here: the record knows. */
export interface Told {
  what: string;
  /** The words of the tool that failed, when there are any. */
  why?: string;
  /** What to do now, in order. */
  next: readonly string[];
  /** Whether the same attempt may work a moment later. */
  retry: boolean;
}

/** A failure that we foresaw. Made only in domain/problems/, so that all of them speak in one voice. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** Also the failure's type in Temporal, and its entry in docs/errors.md. */
  readonly code: string;
  readonly told: Told;
  /** Facts for the program that decides what comes next; they travel as the failure's second detail. */
  readonly facts: object | undefined;

  constructor(code: string, told: Told, facts?: object) {
    super(told.why ? `${told.what}: ${told.why}` : told.what);
    this.code = code;
    this.told = told;
    this.facts = facts;
  }
}
