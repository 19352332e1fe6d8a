/**
 * A table as the catalog describes it, in the words of SQL that can be written into a revision: names quoted where
 * PostgreSQL needs it, `schema.` only where the search path of the session does not find it.
 */
export interface TableFacts {
  name: string;
  columns: readonly ColumnFacts[];
  indexes: readonly IndexFacts[];
  constraints: readonly ConstraintFacts[];
  /** Foreign keys of others, and of its own, that refer to it. */
  referencedBy: readonly ReferenceFacts[];
  triggers: readonly TriggerFacts[];
  /** In words, what would make it more than a plain table: `partitioned`, `a view`. */
  kind: 'table' | 'partitioned' | 'partition' | 'parent' | 'child' | 'other';
  publications: readonly string[];
}

export interface ColumnFacts {
  name: string;
  /** As format_type() gives it: `character varying(20)`. */
  type: string;
  notNull: boolean;
  default: string | null;
  /** `GENERATED ALWAYS AS (…) STORED`; empty where it is none. */
  generated: string;
  identity: '' | 'always' | 'by default';
  /** Sequence that it owns, of serial or identity. */
  sequence: string | null;
  comment: string | null;
  /** What PostgreSQL keeps from being dropped with it, in its words: `rule _RETURN on view v`. */
  users: readonly string[];
}

export interface IndexFacts {
  name: string;
  /** As pg_get_indexdef() gives it. */
  definition: string;
  columns: readonly string[];
  unique: boolean;
  partial: boolean;
  /** Name of the constraint that it belongs to. */
  constraint: string | null;
}

export interface ConstraintFacts {
  name: string;
  kind: 'check' | 'foreign key' | 'primary key' | 'unique' | 'exclude';
  columns: readonly string[];
  /** As pg_get_constraintdef() gives it, without NOT VALID. */
  definition: string;
}

export interface ReferenceFacts {
  /** The table that refers to this one. */
  table: string;
  name: string;
  columns: readonly string[];
  /** Columns of this table. */
  referred: readonly string[];
  definition: string;
}

export interface TriggerFacts {
  name: string;
  body: string;
}

/** All that a change is written from. */
export interface Facts {
  /** Major version of the server. */
  postgres: number;
  /** By name; those that the intent names, and those that refer to the key that it changes. */
  tables: ReadonlyMap<string, TableFacts>;
  /** Names of relations, constraints and functions that exist. */
  taken: ReadonlySet<string>;
}

export const columnOf = (table: TableFacts, name: string): ColumnFacts | undefined =>
  table.columns.find((column) => column.name === name);

/** The primary key's columns; empty where there is none. */
export const keyOf = ({ constraints }: TableFacts): readonly string[] =>
  constraints.find(({ kind }) => kind === 'primary key')?.columns ?? [];
