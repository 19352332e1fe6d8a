/** Whether no old code is left that still uses what *contract* takes away; each thing that was looked at is shown. */
export interface OldCodeProof {
  /** Everything that could be looked at says so, and nothing is missing. */
  holds: boolean;
  evidence: readonly {
    /** What was looked at: `containers`, `sessions`, `statements`, `watch time`. */
    source: string;
    says: string;
    holds: boolean;
  }[];
  /** What stands in the way, or could not be looked at, each in one line. */
  missing: readonly string[];
}

/** What `proveNoOldCode` is asked. */
export interface OldCodeInput {
  target: string;
  runId: string;
  change: string;
  /** When the deploy phase ended: ISO 8601, UTC. */
  since: string;
  /** The release that no longer uses what goes. */
  release: string;
}
