/** One thing that is left to do, with its commands. */
export interface Part {
  title: string;
  /** What it does, in words. */
  says: readonly string[];
  commands: readonly string[];
  /** Commands that fail when it has not come out as it should. */
  check: readonly string[];
  /** What to know of it. */
  notes?: readonly string[];
  /** What to do instead where it fails: shown, not run. */
  otherwise?: Part;
}
