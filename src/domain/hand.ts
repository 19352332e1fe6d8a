import type { Backup } from './backup.js';
import type { Stood } from './journal.js';
import type { Reach } from './left-to-do.js';
import type { Plan } from './plan.js';
import { isRestorePlan, type RestorePlan } from './restore.js';

/** A command of the user: text for a shell, or words. */
export type HandCommand = string | readonly string[];

/** One of the target's checks that can be made without what was measured before. */
export interface HandCheck {
  name: string;
  sql?: string | undefined;
  value?: string | undefined;
  rows?: 0 | undefined;
  command?: HandCommand | undefined;
  /** It compares with what was measured before the migration, which nobody has any more. */
  unchanged: boolean;
}

/** The settings of a target as they stand in lockkeeper.yaml: what refers to secrets still refers to them. */
export interface HandSettings {
  target: string;
  /** Of lockkeeper.yaml, and the state folder; absolute. */
  folder: string;
  state: string;
  databaseUrl: string;
  /** Folder with psql and pg_restore; null: they are in the PATH. */
  tools: string | null;
  alembic: {
    python: readonly string[];
    /** Absolute, with `{release}`. */
    project: string;
    config: string;
    environment: Readonly<Record<string, string>>;
  };
  deploy: {
    commands: readonly HandCommand[];
    environment: Readonly<Record<string, string>>;
    /** Compose with all that is before its verb; null: it starts nothing. */
    compose: { command: readonly string[]; services: readonly string[] } | null;
  } | null;
  /** Alembic runs in the release's image; null: on the host. */
  container: { service: string | null; network: string; image: string | null } | null;
  /** Prints the release that runs; null: there is no such command. */
  running: HandCommand | null;
  healthUrl: string | null;
  closure: {
    flag: string;
    url: string;
    /** All that closes it: flags, pages. */
    files: readonly string[];
    start: readonly HandCommand[];
    /** For a site that does not see the flag. */
    open: readonly HandCommand[];
    /** Puts a snapshot back. */
    back: readonly HandCommand[];
  } | null;
  verify: readonly HandCheck[];
}

/** All that the text of what is left to do is made of. */
export interface Hand {
  stood: Stood;
  settings: HandSettings;
  plan: Plan | RestorePlan | null;
  /** The backup that was taken with the site closed, and the name of the database in it. */
  backup: (Backup & { database: string; keepAs: string }) | null;
  /** When a person has marked that all was done by hand: ISO 8601, UTC. */
  doneAt: string | null;
  /** What the downgrade would remove, where it can be told. */
  removes: { tables: readonly string[]; columns: readonly { table: string; column: string }[] };
}

/** What of a run's plan decides what is left to do; null: it has none, or it is one of a restore. */
export const reachOf = (plan: Hand['plan']): Reach | null =>
  plan && !isRestorePlan(plan)
    ? { procedure: plan.procedure, revisions: plan.revisions.length, keeps: keepsRows(plan) }
    : null;

const keepsRows = ({ keepsakes, back }: Plan): boolean =>
  keepsakes !== undefined || back?.some((one) => one.keepsakes) === true;
