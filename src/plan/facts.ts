import type { ApprovalSettings } from '../domain/gate-settings.js';
import type { KeepableTable } from '../domain/keepsake.js';
import type { Finding, PlanContent, PlannedRevision, TableSize } from '../domain/plan.js';
import type { Mentions } from '../domain/phase.js';
import type { Risk } from '../domain/risk.js';
import type { Policy } from '../rules/policy.js';
import type { Schema } from '../schema/model.js';

/** A revision before it is judged. */
export type PendingRevision = Omit<PlannedRevision, 'risk'>;

/** A revision that was applied by Lockkeeper, and whose file is another one now. */
export interface EditedRevision {
  revision: string;
  /** Relative to the Alembic project. */
  file: string;
  /** Of the file that ran, hexadecimal. */
  ran: string;
}

/** What stands in a plan as it was found. */
type Copied =
  | 'target'
  | 'release'
  | 'running'
  | 'from'
  | 'to'
  | 'settings'
  | 'standing'
  | 'versionTable'
  | 'transactionPerMigration'
  | 'images'
  | 'composeFiles'
  | 'ownRules'
  | 'upTo'
  | 'heldBack';

/** All that is known when a plan is made. Nothing else decides what is in it. */
export interface PlanFacts extends Pick<PlanContent, Copied> {
  /** How the target's settings want people to decide. */
  approval: ApprovalSettings;
  windows: Readonly<Record<Risk, readonly string[]>>;
  /** The most that a table may have which a change touches that runs without people. */
  automatic: { largestTableGiB: number };
  /** How long it may make others wait for locks, by risk. */
  stallBudgets?: Readonly<Record<Risk, number>>;
  /** Whether the site stays open while the last phase of a change runs; absent: it is closed. */
  contract?: 'closed' | 'online';
  /** The tables of now that the pending revisions touch. */
  tables: readonly TableSize[];
  /** In the order in which they would run. What they hold besides is left out of the plan. */
  revisions: readonly PendingRevision[];
  /** What the files of the running release say of what the revisions take away; absent where nobody looked. */
  mentions?: Mentions | null;
  /** Where the release's start commands migrate by themselves, `file:line: text`. */
  selfMigrating?: readonly string[];
  /** Revisions that ran with other files than those that are there now. */
  edited?: readonly EditedRevision[];
  /** How the target wants changes judged, besides the catalogue. Its part of the plan are the settings and `ownRules`. */
  policy?: Policy;
  /** Major version of the target's server, where it is known. */
  postgres?: number;
  /** What the last rehearsal of the same revision files has found. */
  rehearsed?: readonly Finding[];
  /** The schema of now; absent where the database was not asked. No part of the plan but by its findings. */
  schema?: Schema;
  /** Of the tables that the revisions take something from; absent where the database was not asked. */
  keepable?: readonly KeepableTable[];
}

/** Of it what must still hold when the plan runs. */
export type ComparedFacts = Pick<PlanFacts, Copied | 'revisions' | 'tables' | 'automatic'>;

/** The last line of a tool's words, which is the one that says what was wrong. */
export const reasonIn = (words: string | undefined): string =>
  words?.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

/** What of a revision goes into the plan, and so into its hash. */
export function pendingOf(revision: PendingRevision): PendingRevision {
  const { upError, downError, onlineHints, downHints, partly, lines, allowances } = revision;
  return {
    revision: revision.revision,
    down: revision.down,
    doc: revision.doc,
    file: revision.file,
    sha256: revision.sha256,
    upSql: revision.upSql,
    downSql: revision.downSql,
    downgrade: revision.downgrade,
    ...(upError === undefined ? {} : { upError }),
    ...(downError === undefined ? {} : { downError }),
    ...(onlineHints?.length ? { onlineHints } : {}),
    ...(downHints?.length || onlineHints?.length ? { downHints: downHints ?? onlineHints ?? [] } : {}),
    ...(partly ? { partly } : {}),
    ...(lines?.length ? { lines } : {}),
    ...(allowances?.length ? { allowances } : {}),
  };
}
