/**
 * A database's schema as far as it is known: read from the catalog, built from DDL, or empty. Names are SQL
 * (quoted where PostgreSQL needs it); a key is `schema.name`. Mutable: each statement of a plan is applied to it,
 * so that the next one is judged against what is there by then.
 */
export interface Schema {
  /** `catalog`, `file`: what is not in it does not exist. `none`: it only knows what the plan has made. */
  source: 'catalog' | 'file' | 'none';
  /** Why it knows less than it did: the statement after which it had to forget. */
  forgotten?: string;
  /** Major version of the server, such as 16, where it is known. */
  postgres?: number;
  /**
   * Schemas in which a name without one is looked up, in order. `''` stands for a path that is not known but the
   * same all along; null: it has changed, and such a name may mean anything.
   */
  searchPath: string[] | null;
  /** Schemas that exist. */
  schemas: Set<string>;
  relations: Map<string, Relation>;
  types: Map<string, UserType>;
  /** By `schema.name(int4,text)`: name and types of its arguments. Of pg_catalog those that were asked for. */
  functions: Map<string, UserFunction>;
  /** Publications of all tables, by name. Those of single tables stand at the table. */
  publishesAll: string[];
  /** The session's time zone, which decides whether timestamp → timestamptz rewrites. */
  timeZone?: string;
  /** It was set for the transaction that is open: after its end the session's is not known any more. */
  timeZoneEnds?: true;
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
  /** A query made it, or a copy of something unknown: not all of its columns are known. */
  columnsUnknown?: true;
  /** On 18 and later NOT NULL is among them. */
  constraints: TableConstraint[];
  indexes: Index[];
  /** Key of the partitioned table that it is a partition of. */
  partitionOf?: string;
  isDefaultPartition?: boolean;
  /** Keys of the tables that it inherits from, partitions left out. */
  inherits: string[];
  /** Without those that a partition has from its parent. */
  triggers: Trigger[];
  policies: { name: string; columns: string[] }[];
  rules: string[];
  rowSecurity: 'off' | 'on';
  /** Where it is on, it holds for the owner too. */
  forcesRowSecurity: boolean;
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
  /**
   * With TOAST and indexes; of a partitioned table its partitions' as well. Of what a plan names it is exact, of
   * others as of their last VACUUM or ANALYZE.
   */
  bytes?: number;
  /** As the statistics have it; undefined where it was never analysed. */
  rows?: number;
}

export interface ColumnType {
  /** As pg_catalog has it, such as `int4`, `varchar`, `timestamptz`; `schema.name` of a type of the user's. */
  name: string;
  /** What stands in brackets, such as `[12, 2]` of numeric(12,2); of an interval of certain fields also their mask. */
  sizes: number[];
  isArray: boolean;
}

export interface Column {
  name: string;
  type: ColumnType;
  notNull: boolean;
  /** Its default, or the expression of a generated column: as the catalog prints it, or in short as DDL had it. */
  default?: string;
  generated?: 'stored' | 'virtual';
  /** Columns that the expression of a generated column names. */
  uses?: string[];
  identity?: 'always' | 'by default';
  collation?: string;
}

export interface TableConstraint {
  name: string;
  kind: 'primary key' | 'unique' | 'check' | 'foreign key' | 'exclude' | 'not null';
  columns: string[];
  validated: boolean;
  enforced: boolean;
  /** Columns that a CHECK keeps from being NULL, as `CHECK (a IS NOT NULL)` does. */
  proves: string[];
  references?: { relation: string; columns: string[] };
  /** A CHECK that children do not get. */
  noInherit?: true;
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
  /** Key of the index of the partitioned table that it is a part of. */
  partOf?: string;
  isReplicaIdentity?: true;
}

export interface Trigger {
  name: string;
  /** Of UPDATE OF. */
  columns: string[];
  /** Key of the function, without its arguments. */
  calls: string;
}

export interface Sequence {
  type: 'int2' | 'int4' | 'int8';
  /** Undefined where it has given none, starts anew at its end, or where nobody may look. */
  lastValue?: number;
  maxValue?: number;
  ownedBy?: { relation: string; column: string };
}

export interface UserType {
  key: string;
  /** `base`: a type of an extension, such as citext. */
  kind: 'enum' | 'domain' | 'composite' | 'range' | 'base';
  isNew: boolean;
  labels: string[];
  /** Labels added in this plan's transaction that is still open: they cannot be used in it. */
  uncommittedLabels: string[];
  /** Of a domain: what it stands for, and its own conditions. Those of its base: isConstrained() in resolve.ts. */
  base?: ColumnType;
  notNull?: boolean;
  checks?: string[];
  /** Of a domain: what a column gets that has no default of its own. */
  default?: string;
}

export interface UserFunction {
  key: string;
  volatility: 'immutable' | 'stable' | 'volatile';
  /** Its source where it is SQL or PL/pgSQL. */
  body?: string;
  language: string;
}
