import type { GlobalOptions, Io } from './io.js';

type Run = (args: readonly (string | undefined)[], options: GlobalOptions, io: Io) => Promise<number>;

/** One verb of the CLI: what it takes, what it says of itself, and where its code is. */
export interface Verb {
  name: string;
  says: string;
  args?: readonly [name: string, says: string][];
  flags?: readonly [flags: string, says: string, choices?: readonly string[]][];
  /** What it does without one of its own verbs. */
  load?: () => Promise<Run>;
  /** Verbs of their own below it: `list` of `schedule list`. */
  verbs?: readonly Verb[];
}

export const target: [string, string] = [
  '[target]',
  'a target of lockkeeper.yaml; not needed when there is only one',
];

export const detach: [string, string] = ['--detach', 'start it and do not wait for its end'];
