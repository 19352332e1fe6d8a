import type { Backup } from './backup.js';
import type { GateSettings } from './gate-settings.js';
import type { PlanSummary, Standing, VersionTable } from './plan.js';
import type { Risk } from './risk.js';

/** How the site is kept from writing while the databases are swapped. */
export type RestoreSite = 'closed by the run' | 'closed by hand' | 'not closed';

/**
 * What a restore would do, and lose. Where its fields are those of a `Plan`, they mean the same, so that steps
 * which only start a release or take a backup take either.
 */
export interface RestoreContent {
  formatVersion: 1;
  kind: 'restore';
  target: string;
  /** The release that runs afterwards (null: not known), and the one that runs now. */
  release: string | null;
  running: string | null;
  from: readonly string[];
  to: readonly string[];
  versionTable: VersionTable;
  /** Where the database stands now, and where the backup does. */
  standing: Standing;
  restored: Standing;
  risk: Risk;
  gate: GateSettings;
  backup: Backup;
  /** SHA-256 of the manifest, hexadecimal. */
  manifestSha256: string;
  /** The release that the backup was taken with (null: not known), and whether it is started. */
  taken: string | null;
  deploys: boolean;
  /** The database that is replaced. */
  database: { name: string; oid: number };
  /** The name that it gets. */
  keepAs: string;
  keptDays: number;
  site: RestoreSite;
  /** Name of the counters in the state folder: what is written after them was not approved. */
  counters: string;
  /** Whether what is written until nobody can write any more is given up, too. */
  untilClosed: boolean;
  /** What was written since the backup and will not be there, in words; empty: nothing, and that is certain. */
  losses: readonly string[];
}

/** Immutable: `planHash` is what people approve. */
export interface RestorePlan extends RestoreContent {
  planHash: string;
}

/** Plans of all kinds lie in one folder, by their hash. */
export const isRestorePlan = (plan: object): plan is RestorePlan => 'kind' in plan && plan.kind === 'restore';

/** What travels in its place. */
export interface RestoreSummary extends PlanSummary {
  /** Whether the site is closed meanwhile: by the run, or by hand and then it stays so. */
  closes: boolean;
  /** Whether another release is started. */
  deploys: boolean;
}
