import type { Backup } from './backup.js';
import type { Lost } from './lost.js';
import type { GateSettings } from './gate-settings.js';
import type { PlanSummary, Standing, VersionTable } from './plan.js';
import type { Risk } from './risk.js';

/** How the site is kept from writing while the databases are swapped. */
export type RestoreSite = 'closed by the run' | 'closed by hand' | 'not closed';

/** What takes the place of the live database, where that is no backup of ours. */
export type RestoreSource =
  /** The database that an earlier swap has put aside; `runId` is the run that did. */
  | { kind: 'kept'; name: string; oid: number; at: string; runId: string }
  /** SQL as pg_dump writes it; `path` on the worker's host. */
  | { kind: 'file'; path: string; bytes: number; sha256: string };

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
  /** null: see `source`. */
  backup: Backup | null;
  source?: RestoreSource;
  /** SHA-256 of the manifest, hexadecimal; empty without a backup. */
  manifestSha256: string;
  /** Only these tables are put back, into the live database; absent: all of it. */
  only?: readonly string[];
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
  /** The same row by row, and where those rows are kept; absent until the source was restored beside. */
  lost?: Lost;
  /** What is written into the live database, where only some tables are put back. */
  changes?: Lost;
}

/** Immutable: `planHash` is what people approve. */
export interface RestorePlan extends RestoreContent {
  planHash: string;
}

/** Plans of all kinds lie in one folder, by their hash. */
export const isRestorePlan = (plan: object): plan is RestorePlan => 'kind' in plan && plan.kind === 'restore';

/** What is put in the place of the live database, in words. */
export function sourceText({ backup, source }: Pick<RestoreContent, 'backup' | 'source'>): string {
  if (source?.kind === 'kept') return `the database ${source.name}, replaced at ${minute(source.at)} UTC`;
  if (source?.kind === 'file') return `the file ${source.path}`;
  return backup ? `the backup of ${minute(backup.startedAt)} UTC` : 'nothing';
}

const minute = (at: string): string => at.slice(0, 19).replace('T', ' ');

/** What travels in its place. */
export interface RestoreSummary extends PlanSummary {
  /** Whether the site is closed meanwhile: by the run, or by hand and then it stays so. */
  closes: boolean;
  /** Whether another release is started. */
  deploys: boolean;
}
