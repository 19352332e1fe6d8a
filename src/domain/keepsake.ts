import { shortRun } from './run-id.js';

/** The schema of ours in the user's database where what goes is kept. */
export const KEEPSAKES = 'lockkeeper_keep';

/** A column whose values are kept, or that is a part of the key by which they are found again. */
export interface KeptColumn {
  /** As the catalog has it, unquoted. */
  name: string;
  /** As `format_type()` writes it. */
  type: string;
  /** PostgreSQL's own type. Values of others are kept as text: else the type could not be dropped any more. */
  builtIn: boolean;
}

/** What becomes of a column that is kept: it goes, or its values become others. */
export interface LostColumn extends KeptColumn {
  goes: 'dropped' | 'changed';
}

/** How what a plan removes or changes in one table is kept. A part of the plan, and of its hash. */
export interface PlannedKeepsake {
  /** Before the plan, with its schema: `public.orders`; as the plan has it where the database was not asked. */
  table: string;
  /**
   * `copied`: by primary key, into a table of ours. `moved`: the table itself, by SET SCHEMA in place of DROP.
   * `not kept`: only a restore brings it back, `why` says the reason.
   */
  how: 'copied' | 'moved' | 'not kept';
  /** Why it is not kept, or why a table is copied and not moved. */
  why?: string;
  /** What takes it: `drops the column note`; each once, in the order of the plan. */
  takes: readonly string[];
  /** Revisions that take it. */
  revisions: readonly string[];
  key: readonly KeptColumn[];
  columns: readonly LostColumn[];
  /** Whole rows may go, too: then `columns` are all that the table has. */
  rows: boolean;
  /** Of a table that is moved: what is sent in place of each DROP TABLE of it. */
  instead?: Instead;
}

/** What the bridge sends in place of a statement, in the same transaction. */
export interface Instead {
  /** The table's name as the statement has it, with its schema where it has one. */
  drops: string;
  revision: string;
  /** SQL; `{run}` stands for the run's own word. */
  statements: readonly string[];
}

/** What the catalog says of a table of which something goes. */
export interface KeepableTable {
  /** As it was asked for. */
  name: string;
  /** `schema.name`, quoted where it must be. */
  full: string;
  kind: 'table' | 'partitioned table' | 'other';
  isPartition: boolean;
  hasChildren: boolean;
  key: readonly KeptColumn[];
  columns: readonly (KeptColumn & { generated: boolean; hasDefault: boolean })[];
  foreignKeys: readonly string[];
  checks: readonly string[];
  triggers: readonly string[];
  policies: readonly string[];
  rules: readonly string[];
  /** Those of constraints, and the others; `schema.name`. */
  constraintIndexes: readonly string[];
  otherIndexes: readonly string[];
  /** Sequences that go with it. */
  sequences: readonly string[];
  statistics: readonly string[];
  publications: readonly string[];
  /** SQL that drops what DROP … CASCADE would drop with it; null: something that is not known how. */
  cascades: readonly string[] | null;
}

export const keepsakeState = ['copying', 'copied', 'complete', 'put back'] as const;
/** `copying`: while the site is open. `copied`: all but what changes since. `complete`: all of it. */
export type KeepsakeState = (typeof keepsakeState)[number];

/** One keepsake as it lies in the database. */
export interface Keepsake {
  /** Of its run, such as `1a2b3c4d_0`: also how its tables begin. */
  id: string;
  target: string;
  runId: string;
  planHash: string;
  /** Who asked for the run. */
  owner: string;
  planned: PlannedKeepsake;
  state: KeepsakeState;
  /** Times are ISO 8601, UTC. */
  madeAt: string;
  endsAt: string;
  /** Copied rows; null of a table that was moved. */
  rows: number | null;
  bytes: number;
  /** Why it cannot be trusted any more. */
  broken?: string;
}

/** The word of a run that stands for `{run}`: what tells it from others, as a part of a name. */
export const runWord = (runId: string): string => shortRun(runId.replace(/[^a-z0-9]/gi, '')).toLowerCase();

export const keepsakeId = (runId: string, at: number): string => `${runWord(runId)}_${at}`;

const shownColumns = ({ columns }: PlannedKeepsake): string => columns.map(({ name }) => name).join(', ');

/** One keepsake in words: what is kept of what, and how. */
export function keepsakeText(planned: PlannedKeepsake): string {
  const { table, how, why, takes, rows } = planned;
  const because = why === undefined ? '' : `, as ${why}`;
  const what = takes.join(', ');
  if (how === 'not kept') return `${table}: NOT kept (${what})${because}: only a restore brings it back`;
  if (how === 'moved') return `${table}: moved to ${KEEPSAKES} in place of being dropped`;
  const part = rows ? 'all rows' : `values of ${shownColumns(planned)}`;
  return `${table}: ${part} copied to ${KEEPSAKES} by primary key (${what})${because}`;
}

/** Whether all that goes is kept: then a downgrade with its keepsakes brings it back. */
export const allKept = (keepsakes: readonly PlannedKeepsake[] | undefined): boolean =>
  keepsakes !== undefined && keepsakes.length > 0 && keepsakes.every(({ how }) => how !== 'not kept');
