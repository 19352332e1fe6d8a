/** The rows that the queries of catalog-sql.ts give. Relations and types are known by their oids. */

export interface RelationRow {
  oid: number;
  place: string;
  name: string;
  kind: string;
  unlogged: boolean;
  secured: boolean;
  forced: boolean;
  identity: string;
  /** -1 or null where it was never analysed. */
  rows: number | null;
  ofType: number | null;
  owner: string;
  grantees: string[] | null;
  pages: number | null;
  isDefault: boolean;
}

export interface ParentRow {
  child: number;
  parent: number;
  isPart: boolean;
}

export interface TypeRow {
  oid: number;
  place: string;
  name: string;
  kind: string;
  element: number | null;
  isArray: boolean;
  notNull: boolean;
  base: number | null;
  sizes: number;
  own: boolean;
  alone: boolean;
  labels: string[] | null;
  checks: string[] | null;
  /** Of a domain. */
  default: string | null;
}

export interface ColumnRow {
  of: number;
  number: number;
  name: string;
  type: number;
  sizes: number;
  notNull: boolean;
  identity: string;
  generated: string;
  value: string | null;
  collation: string | null;
}

export interface ConstraintRow {
  of: number;
  name: string;
  kind: string;
  keys: number[] | null;
  validated: boolean;
  enforced: boolean;
  other: number | null;
  otherKeys: number[] | null;
  noInherit: boolean;
  index: number | null;
  condition: string | null;
}

export interface IndexRow {
  oid: number;
  of: number;
  name: string;
  /** Numbers of columns, separated by spaces; 0 stands for an expression. */
  keys: string;
  keyCount: number;
  isUnique: boolean;
  valid: boolean;
  partial: boolean;
  pages: number;
  replica: boolean;
  mentions: number[] | null;
}

export interface SequenceRow {
  oid: number;
  type: number;
  most: number;
  of: number | null;
  number: number | null;
  last: number | null;
}

export interface ReadRow {
  of: number;
  other: number;
  number: number;
}

export interface TriggerRow {
  of: number;
  name: string;
  keys: string;
  place: string;
  called: string;
}

export interface PolicyRow {
  of: number;
  name: string;
  mentions: number[] | null;
}

export interface RuleRow {
  of: number;
  name: string;
}

export interface PublicationRow {
  name: string;
  whole: boolean;
  of: number | null;
  mentions: number[] | null;
}

export interface FunctionRow {
  place: string;
  name: string;
  volatility: string;
  language: string;
  body: string | null;
  arguments: string;
}

/** What one reading of the catalog gives. */
export interface CatalogRows {
  relations: RelationRow[];
  parents: ParentRow[];
  types: TypeRow[];
  columns: ColumnRow[];
  constraints: ConstraintRow[];
  indexes: IndexRow[];
  sequences: SequenceRow[];
  reads: ReadRow[];
  triggers: TriggerRow[];
  policies: PolicyRow[];
  rules: RuleRow[];
  publications: PublicationRow[];
  functions: FunctionRow[];
}
