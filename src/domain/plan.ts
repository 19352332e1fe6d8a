import type { GateSettings } from './gate-settings.js';
import type { RehearsalConclusion } from './conclusion.js';
import type { Forecast, ProvedBackup } from './forecast.js';
import type { PlannedImage } from './image.js';
import type { PlannedKeepsake } from './keepsake.js';
import type { PlanPhase } from './phase.js';
import type { OfPhases } from './phases/held.js';
import type { PlannedRevision } from './revision.js';
import type { Risk } from './risk.js';
import type { DeployBack } from './rollback.js';
import type { StatementForecast } from './statement-forecast.js';

export type * from './phase.js';
export type * from './revision.js';
export type * from './statement-forecast.js';

/** The table-level lock modes of PostgreSQL (https://www.postgresql.org/docs/current/explicit-locking.html). */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof lockModes)[number];

/** What a finding says of one relation: which lock it takes, and whom that keeps waiting. */
export interface LockedRelation {
  name: string;
  lock: LockMode;
  blocks: 'nothing' | 'writes' | 'reads and writes';
  /** Why this relation, where the statement does not name it: `referenced by orders`, `partition of events`. */
  why?: string;
}

/** One hazard of one statement. */
export interface Finding {
  /** Id of the rule: its file, its page in docs/rules and the word that allows it. */
  rule: string;
  risk: Risk;
  revision?: string;
  file: string;
  /** 1-based line in `file`, where it is known. */
  line?: number;
  statement: string;
  relations: readonly LockedRelation[];
  dataLoss: boolean;
  /** Whether the release that runs now may fail once this is done. */
  breaksRunning: boolean;
  /** It will fail when it runs, for certain: the plan as it is cannot succeed. */
  fails?: true;
  evidence: 'static' | 'catalog' | 'rehearsal';
  message: string;
  instead: string;
  /** Why the verdict could be another one if more were known, such as the schema of the database: one sentence. */
  unsure?: string;
  /** Where its author allows it in the SQL or the revision: why, and the risk that it has without that. */
  allowed?: { reason: string; risk: Risk };
  /** Where the target's settings raise it: why, and the risk that it has without that. */
  raised?: { reason: string; risk: Risk };
  /** Absent where the statement does nothing that grows with a table, or no size is known. */
  forecast?: StatementForecast;
}

/** How much of the SQL was read. What was not read counts as very high. */
export interface Coverage {
  analysed: number;
  total: number;
}

/** Where the database stands when the plan is made. It must still stand there when the plan runs. */
export interface Standing {
  revisions: readonly string[];
  /** Hash of the schema, see adapters/postgres/fingerprint. */
  fingerprint: string;
}

/** A table with its partitions, children, indexes and TOAST, as the catalog has it. */
export interface TableSize {
  /** As the SQL of the plan has it. */
  name: string;
  bytes: number;
}

/** Where Alembic keeps the current revision of a database. `schema` null: the first of the search path. */
export interface VersionTable {
  name: string;
  schema: string | null;
}

/** The workflow that a risk calls for; `online-contract`: by the settings, the last phase of a change whatever its risk. */
export type ProcedureName =
  'low-risk' | 'medium-risk' | 'high-risk' | 'very-high-risk' | 'deploy-only' | 'online-contract';

/** Whether the site is closed while it runs. */
export const closesSite = (procedure: ProcedureName): boolean =>
  procedure === 'high-risk' || procedure === 'very-high-risk';

/** What the hash covers: all that decides what runs, and nothing that changes by itself. */
export interface PlanContent extends OfPhases {
  formatVersion: 1;
  target: string;
  /** The release that would be deployed, and the one that runs now (null: unknown or none). */
  release: string;
  running: string | null;
  from: readonly string[];
  to: readonly string[];
  revisions: readonly PlannedRevision[];
  findings: readonly Finding[];
  coverage: Coverage;
  risk: Risk;
  procedure: ProcedureName;
  /** What would be undone, in order, and what each undo loses. */
  rollback: readonly string[];
  /** The target's settings, without secrets. */
  settings: unknown;
  standing: Standing;
  /** What people must do about it. */
  gate: GateSettings;
  /** What the rehearsal showed; null before it. Timings are not part of it: they differ each time. */
  rehearsal: RehearsalConclusion | null;
  versionTable: VersionTable;
  /** Whether Alembic commits after each revision, or once for all of them (its own default). */
  transactionPerMigration: boolean;
  /** Locks that a revision takes and that are held until a later one ends, as both share a transaction. */
  heldThrough?: readonly HeldThrough[];
  /** What the run means for the release that runs now, and what it takes away from it. */
  phase?: PlanPhase;
  /** What compose would start, by id. Absent where it is not compose that starts the release. */
  images?: readonly PlannedImage[];
  /** The compose files that it would be started by, as they are. */
  composeFiles?: readonly OwnRuleFile[];
  /** Files of the user's own rules that judged it. */
  ownRules?: readonly OwnRuleFile[];
  /** How what it removes or changes is kept, where something does; absent in plans of earlier versions. */
  keepsakes?: readonly PlannedKeepsake[];
  /** Stall budget: how long it may make queries of the application wait for locks, in all. Absent in plans of earlier versions. */
  stallBudgetMs?: number;
  /** Of a rollback: whose schema it takes back, the newest first. */
  back?: readonly DeployBack[];
}

/** A file that the settings name, such as one of `check.rules`, and the hash of its bytes, hexadecimal. */
export interface OwnRuleFile {
  /** As the settings name it. */
  file: string;
  sha256: string;
}

/** A lock on a relation that others use, from the revision that takes it to the one after which it is given back. */
export interface HeldThrough extends LockedRelation {
  from: string;
  to: string;
}

/** What would run. Immutable: `planHash` is what people approve. */
export interface Plan extends PlanContent {
  planHash: string;
}

/** What travels through Temporal in place of the plan: small whatever the plan's size. */
export interface PlanSummary {
  planHash: string;
  target: string;
  release: string;
  running: string | null;
  from: readonly string[];
  to: readonly string[];
  revisions: number;
  risk: Risk;
  procedure: ProcedureName;
  coverage: Coverage;
  /** Who must decide about it. */
  gate: GateSettings;
  /** What the rehearsal came to, in one sentence; null before it, or without one. */
  rehearsed: string | null;
  /** What each release does on the schema before and after, at most 4 sentences; absent where they were not tried. */
  releases?: readonly string[];
  /** At most 20 findings, the gravest first, in one sentence each. */
  findings: readonly string[];
  /** What would be undone and what that loses, at most 10 lines. */
  rollback: readonly string[];
  fingerprint: string;
  /** See the plan's. */
  stallBudgetMs?: number;
  back?: readonly DeployBack[];
  /** See the plan's; at most 10, in a few words. */
  upTo?: string;
  heldBack?: readonly string[];
  /** How what goes is kept, at most 10 lines, and whether that is all of it; absent where nothing goes. */
  keepsakes?: { all: boolean; says: readonly string[] };
  /** After a rehearsal: the backup that it proved, and how long things will take. */
  backup?: ProvedBackup;
  forecast?: Forecast;
  /** When the facts were read that it was made of: ISO 8601, UTC. No part of the plan, or no two would be the same. */
  madeAt?: string;
}
