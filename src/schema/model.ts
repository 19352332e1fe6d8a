/**
 * A database's schema as far as it is known: read from the catalog, built from DDL, or empty. Names are SQL
 * (quoted where PostgreSQL needs it); a key is `schema.name`. Mutable: each statement of a plan is applied to it,
 * so that the next one is judged against what is there by then.
 */
export interface Schema {
  /** `catalog`, `file`: what is not in it does not exist. `none`: it only knows what the plan has made. */
  source: 'catalog' | 'file' | 'none';
  /** Schemas in which a name without one is looked up, in order. */
  searchPath: string[];
  relations: Map<string, Relation>;
  types: Map<string, UserType>;
  functions: Map<string, UserFunction>;
  /** Publications of all tables, by name. Those of single tables stand at the table. */
  publishesAll: string[];
  /** The session's time zone, which decides whether timestamp → timestamptz rewrites. */
  timeZone?: string;
  /** Bytes a second that this server was seen to write or read, where a rehearsal has measured it. */
  bytesPerSecond?: number;
}

export type RelationKind =
  'table' | 'partitioned table' | 'foreign table' | 'view' | 'materialized view' | 'sequence' | 'composite';

export interface Relation {
  key: string;
  kind: RelationKind;
  /** Made in this plan, and so empty and used by nobody. */
  isNew: boolean;
  columns: Column[];
  constraints: TableConstraint[];
  indexes: Index[];
  /** Key of the partitioned table that it is a partition of. */
  partitionOf?: string;
  isDefaultPartition?: boolean;
  /** Keys of the tables that it inherits from, partitions left out. */
  inherits: string[];
  triggers: Trigger[];
  policies: { name: string; columns: string[] }[];
  rules: string[];
  rowSecurity: 'off' | 'on' | 'forced';
  /** Publications of this table, with the columns that a row filter or column list names. */
  publications: { name: string; columns: string[] }[];
  replicaIdentity: 'default' | 'nothing' | 'full' | 'index';
  unlogged: boolean;
  /** Key of the composite type of a typed table. */
  ofType?: string;
  owner?: string;
  /** Roles with a privilege on it besides the owner. */
  grantees: string[];
  /** Of a view or materialized view: what it reads. */
  reads: { relation: string; columns: string[] }[];
  sequence?: Sequence;
  /** With TOAST and indexes; of a partitioned table its partitions' as well. */
  bytes?: number;
  /** As the statistics have it; undefined where it was never analysed. */
  rows?: number;
}

export interface ColumnType {
  /** As pg_catalog has it, such as `int4`, `varchar`, `timestamptz`; `schema.name` of a type of the user's. */
  name: string;
  /** What stands in brackets, such as `[12, 2]` of numeric(12,2). */
  sizes: number[];
  isArray: boolean;
}

export interface Column {
  name: string;
  type: ColumnType;
  notNull: boolean;
  /** SQL of its default; of a generated column its expression. */
  default?: string;
  generated?: 'stored' | 'virtual';
  identity?: 'always' | 'by default';
  collation?: string;
}

export interface TableConstraint {
  name: string;
  kind: 'primary key' | 'unique' | 'check' | 'foreign key' | 'exclude' | 'not null';
  columns: string[];
  validated: boolean;
  enforced: boolean;
  /** SQL of a CHECK's condition. */
  condition?: string;
  references?: { relation: string; columns: string[] };
}

export interface Index {
  name: string;
  /** All columns that it mentions, in keys, INCLUDE, expressions and condition. */
  columns: string[];
  /** Its plain key columns in order; null stands for an expression. */
  keys: (string | null)[];
  unique: boolean;
  valid: boolean;
  isPartial: boolean;
  /** Name of the constraint that it belongs to. */
  constraint?: string;
}

export interface Trigger {
  name: string;
  /** Of UPDATE OF. */
  columns: string[];
  calls: string;
}

export interface Sequence {
  type: 'int2' | 'int4' | 'int8';
  lastValue?: number;
  maxValue?: number;
  ownedBy?: { relation: string; column: string };
}

export interface UserType {
  key: string;
  kind: 'enum' | 'domain' | 'composite' | 'range';
  isNew: boolean;
  labels: string[];
  /** Labels added in this plan's transaction that is still open: they cannot be used in it. */
  uncommittedLabels: string[];
  /** Of a domain. */
  base?: ColumnType;
  /** A domain with NOT NULL or a CHECK, at any depth. */
  isConstrained?: boolean;
}

export interface UserFunction {
  key: string;
  volatility: 'immutable' | 'stable' | 'volatile';
  /** Its source where it is SQL or PL/pgSQL. */
  body?: string;
  language: string;
}
