import type { Finding } from '../domain/plan.js';
import { check } from '../rules/check.js';
import downgradeLosesData from '../rules/downgrade-loses-data.js';
import downgradeMissing from '../rules/downgrade-missing.js';
import { isBookkeeping } from '../rules/harmless.js';
import { apply } from '../schema/apply.js';
import { emptySchema } from '../schema/empty.js';
import { isNew } from '../schema/resolve.js';
import type { Schema } from '../schema/model.js';
import typeLeftBehind from '../rules/type-left-behind.js';
import type { Node } from '../sql/ast.js';
import { actionsOf, addedColumn, dotted, identifier, nameOfObject, read } from '../sql/ast.js';
import type { Parsed } from '../sql/parse.js';
import { about, whereOf } from './about.js';
import type { PendingRevision } from './facts.js';
import { lossesIn } from './losses.js';

/**
 * What is to be said of a revision's downgrade, beside what the plan tells of every undo.
 *
 * @param schema - as the revision leaves it
 */
export function findingsOnWayBack(
  revision: PendingRevision,
  up: readonly Parsed[],
  down: readonly Parsed[] | null,
  versionTable: string,
  schema: Schema,
): Finding[] {
  const nodes = nodesIn(up).filter((node) => !isBookkeeping(node, versionTable));
  if (nodes.length === 0 && up.every((part) => 'node' in part)) return []; // such as a merge of branches
  if (revision.downgrade !== 'code')
    return [about(downgradeMissing, whereOf(revision), none[revision.downgrade])];
  if (down === null) return [];
  return [...lost(revision, nodes, down, versionTable, schema), ...leftTypes(revision, nodes, down)];
}

const none = {
  missing: 'it has no downgrade',
  raises: 'its downgrade refuses to run',
  empty: 'its downgrade does nothing, and Alembic counts it as undone all the same',
};

/** Rows and values that were there before the upgrade. */
function lost(
  revision: PendingRevision,
  up: readonly Node[],
  down: readonly Parsed[],
  versionTable: string,
  after: Schema,
): Finding[] {
  const schema = emptySchema();
  for (const node of up) apply(schema, node);
  const ofRun = (name: string) => isNew(schema, name) || isNew(after, name);
  const added = new Set(up.flatMap(actionsOf).flatMap(addedBy));
  const gone = lossesIn(down, versionTable)
    .columns.map(({ table, column }) => `${table}.${identifier(column)}`)
    .filter((name) => !added.has(name) && !ofRun(tableOf(name)));
  const source = { file: revision.file, linesOfFile: false, versionTable };
  const grave = check(down, source, schema).findings.filter(
    ({ dataLoss, rule, statement, relations }) =>
      dataLoss &&
      !harmlessBack[rule]?.(statement) &&
      !(relations.length > 0 && relations.every(({ name }) => ofRun(name))),
  );
  const told = [
    ...grave.map(({ message }) => message),
    ...gone.map((name) => `this drops ${name}, which it has not added`),
  ];
  const [first, ...more] = told;
  if (first === undefined) return [];
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  return [
    about(
      downgradeLosesData,
      whereOf(revision),
      `its downgrade loses what was there before: ${first}${others}`,
    ),
  ];
}

/** What rules say of an upgrade, and what is no loss on the way back. */
const harmlessBack: Record<string, (statement: string) => boolean> = {
  'column-dropped': () => true, // seen to above: those that the upgrade has added
  // Types, functions and the like; not a schema, nor what goes with one by CASCADE.
  'object-dropped': (statement) => !/\b(cascade|schema|owned|database)\b/i.test(statement),
  // A value that is too long or too large is refused, and none is lost; what is rounded is.
  'column-type-may-lose-values': (statement) =>
    !/\b(using|numeric|decimal|real|float\d?|double|timestamp|timestamptz|time|date|json)\b/i.test(statement),
};

const tableOf = (column: string): string => column.slice(0, column.lastIndexOf('.'));

function addedBy(action: Node): string[] {
  const added = addedColumn(action);
  const rename = read(action, 'RenameStmt');
  if (rename?.renameType === 'OBJECT_COLUMN')
    return [`${identifier(rename.relation?.relname ?? '')}.${identifier(rename.newname ?? '')}`];
  return added ? [`${added.table}.${added.name}`] : [];
}

/** Enums and domains that the upgrade makes and the downgrade does not drop. */
function leftTypes(revision: PendingRevision, up: readonly Node[], down: readonly Parsed[]): Finding[] {
  const dropped = new Set(nodesIn(down).flatMap(droppedTypes));
  const left = up.flatMap(madeType).filter((name) => !dropped.has(name));
  if (left.length === 0) return [];
  const message = `its downgrade leaves the type ${left.join(', ')} behind: the next upgrade fails on it`;
  return [about(typeLeftBehind, whereOf(revision), message)];
}

const madeType = (node: Node): string[] =>
  [dotted(read(node, 'CreateEnumStmt')?.typeName), dotted(read(node, 'CreateDomainStmt')?.domainname)].filter(
    Boolean,
  );

function droppedTypes(node: Node): string[] {
  const drop = read(node, 'DropStmt');
  return /_(TYPE|DOMAIN|SCHEMA)$/.test(drop?.removeType ?? '') ? (drop?.objects ?? []).map(nameOfObject) : [];
}

const nodesIn = (parsed: readonly Parsed[]): Node[] =>
  parsed.flatMap((part) => ('node' in part ? part.node : []));
