import type { Constraint } from '../sql/ast.js';
import { dotted, identifier, nameOf, read, readAll } from '../sql/ast.js';
import { columnsIn, provenNotNull } from './expression.js';
import { addIndexOf } from './indexes.js';
import type { Relation, Schema, TableConstraint } from './model.js';
import { chosenName } from './names.js';
import { columnNamed, relationNamed } from './resolve.js';
import { isConstraintTaken, tableName } from './taken.js';

/** Where a constraint is written: at a column, or by itself; and whether the table is only just made. */
export interface Written {
  column?: string;
  /** With CREATE TABLE, NOT VALID has no meaning: there are no rows. */
  withTable: boolean;
  /** ALTER TABLE ONLY: partitions do not get it. */
  only?: boolean;
}

const NOT_NULL_SINCE = 18;

/** Adds a constraint that is no property of a single column, with its index. */
export function addConstraint(
  schema: Schema,
  relation: Relation,
  constraint: Constraint,
  written: Written,
): void {
  switch (constraint.contype) {
    case 'CONSTR_NOTNULL': {
      const column = written.column ?? dotted(constraint.keys);
      return setNotNull(schema, relation, column, constraint.conname, !isPending(constraint, written));
    }
    case 'CONSTR_CHECK':
      return addCheck(schema, relation, constraint, written);
    case 'CONSTR_FOREIGN':
      return addForeignKey(schema, relation, constraint, written);
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      return addIndexOf(schema, relation, constraint, written);
    default:
  }
}

const isPending = ({ skip_validation }: Constraint, { withTable }: Written): boolean =>
  Boolean(skip_validation) && !withTable;

const isEnforced = (constraint: Constraint): boolean => constraint.is_enforced ?? false;

/** Since version 18 it is a constraint with a name. */
export function setNotNull(
  schema: Schema,
  relation: Relation,
  name: string,
  given?: string,
  validated = true,
): void {
  const column = columnNamed(relation, name);
  if (!column) return;
  const known = relation.constraints.find((each) => each.kind === 'not null' && each.columns[0] === name);
  column.notNull = true;
  if (known && validated) known.validated = true;
  if (known || (schema.postgres ?? 0) < NOT_NULL_SINCE || relation.kind === 'composite') return;
  relation.constraints.push({
    name: given
      ? identifier(given)
      : chosenName(tableName(relation), [name], 'not_null', taken(schema, relation)),
    kind: 'not null',
    columns: [name],
    ...{ validated, enforced: true, proves: [] },
  });
}

export function dropNotNull(relation: Relation, name: string): void {
  const column = columnNamed(relation, name);
  if (column) column.notNull = false;
  relation.constraints = relation.constraints.filter(
    ({ kind, columns }) => kind !== 'not null' || columns[0] !== name,
  );
}

const taken = (schema: Schema, relation: Relation) => (name: string) =>
  isConstraintTaken(schema, relation, name);

function addCheck(schema: Schema, relation: Relation, constraint: Constraint, written: Written): void {
  const known = columnsIn(constraint.raw_expr).filter((name) => columnNamed(relation, name));
  const columns = relation.columnsUnknown ? columnsIn(constraint.raw_expr) : known;
  const parts = columns.length === 1 ? columns : [];
  relation.constraints.push({
    name: constraint.conname
      ? identifier(constraint.conname)
      : chosenName(
          tableName(relation),
          written.column ? [written.column] : parts,
          'check',
          taken(schema, relation),
        ),
    kind: 'check',
    columns,
    validated: !isPending(constraint, written) && isEnforced(constraint),
    enforced: isEnforced(constraint),
    proves: provenNotNull(constraint.raw_expr),
    ...(constraint.is_no_inherit ? { noInherit: true } : {}),
  });
}

const ALL_COLUMNS_SINCE = 12;

function addForeignKey(schema: Schema, relation: Relation, constraint: Constraint, written: Written): void {
  const columns = written.column ? [written.column] : namesOf(constraint.fk_attrs);
  const other = nameOf(constraint.pktable);
  const key = relationNamed(schema, other);
  const named = namesOf(constraint.pk_attrs);
  const inName = (schema.postgres ?? ALL_COLUMNS_SINCE) < ALL_COLUMNS_SINCE ? columns.slice(0, 1) : columns;
  const added: TableConstraint = {
    name: constraint.conname
      ? identifier(constraint.conname)
      : chosenName(tableName(relation), inName, 'fkey', taken(schema, relation)),
    kind: 'foreign key',
    columns,
    validated: !isPending(constraint, written) && isEnforced(constraint),
    enforced: isEnforced(constraint),
    proves: [],
    references: { relation: key?.key ?? other, columns: named.length > 0 ? named : primaryKeyOf(key) },
  };
  relation.constraints.push(added);
}

export const primaryKeyOf = (relation: Relation | undefined): string[] =>
  relation?.constraints.find(({ kind }) => kind === 'primary key')?.columns ?? [];

export const namesOf = (names: Constraint['keys']): string[] =>
  readAll(names, 'String').map(({ sval = '' }) => identifier(sval));

/** VALIDATE CONSTRAINT; of NOT NULL on 18 and later too. */
export function validate(relation: Relation, name: string): void {
  const found = relation.constraints.find((each) => each.name === name);
  if (found) found.validated = true;
}

/** ALTER CONSTRAINT … [NOT] ENFORCED; other properties are not in the model. */
export function alterConstraint(relation: Relation, def: unknown): void {
  const change = read(def as never, 'ATAlterConstraint');
  const found = relation.constraints.find((each) => each.name === identifier(change?.conname ?? ''));
  if (!found || !change?.alterEnforceability) return;
  found.enforced = change.is_enforced ?? false;
  found.validated = found.enforced;
}
