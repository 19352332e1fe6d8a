import type { Finding } from '../domain/plan.js';
import { check } from '../rules/check.js';
import downgradeLosesData from '../rules/downgrade-loses-data.js';
import downgradeMissing from '../rules/downgrade-missing.js';
import { isBookkeeping } from '../rules/harmless.js';
import { apply } from '../schema/apply.js';
import { emptySchema } from '../schema/empty.js';
import { isNew } from '../schema/resolve.js';
import type { Rule } from '../rules/rule.js';
import typeLeftBehind from '../rules/type-left-behind.js';
import type { Node } from '../sql/ast.js';
import { actionsOf, addedColumn, dotted, identifier, nameOfObject, read } from '../sql/ast.js';
import type { Parsed } from '../sql/parse.js';
import type { PendingRevision } from './facts.js';
import { lossesIn } from './losses.js';

/** What is to be said of a revision's downgrade, beside what the plan tells of every undo. */
export function findingsOnWayBack(
  revision: PendingRevision,
  up: readonly Parsed[],
  down: readonly Parsed[] | null,
  versionTable: string,
): Finding[] {
  const nodes = nodesIn(up).filter((node) => !isBookkeeping(node, versionTable));
  if (nodes.length === 0 && up.every((part) => 'node' in part)) return []; // such as a merge of branches
  if (revision.downgrade !== 'code') return [about(downgradeMissing, revision, none[revision.downgrade])];
  if (down === null) return [];
  return [...lost(revision, nodes, down, versionTable), ...leftTypes(revision, nodes, down)];
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
): Finding[] {
  const schema = emptySchema();
  for (const node of up) apply(schema, node);
  const added = new Set(up.flatMap(actionsOf).flatMap(addedBy));
  const gone = lossesIn(down, versionTable)
    .columns.map(({ table, column }) => `${table}.${identifier(column)}`)
    .filter((name) => !added.has(name) && !isNew(schema, tableOf(name)));
  const source = { file: revision.file, linesOfFile: false, versionTable };
  const grave = check(down, source, schema).findings.filter(
    ({ dataLoss, rule, statement }) =>
      dataLoss && rule !== 'column-dropped' && !(rule === 'object-dropped' && holdsNoRows(statement)),
  );
  const told = [
    ...grave.map(({ message }) => message),
    ...gone.map((name) => `this drops ${name}, which it has not added`),
  ];
  const [first, ...more] = told;
  if (first === undefined) return [];
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  return [
    about(downgradeLosesData, revision, `its downgrade loses what was there before: ${first}${others}`),
  ];
}

/** Types, functions and the like; not a schema, nor what goes with one by CASCADE. */
const holdsNoRows = (statement: string): boolean => !/\b(cascade|schema|owned|database)\b/i.test(statement);

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
  return [about(typeLeftBehind, revision, message)];
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

const about = (rule: Rule, { revision, file }: PendingRevision, message: string): Finding => ({
  rule: rule.id,
  risk: rule.risk,
  ...{ revision, file, statement: '', relations: [], dataLoss: false, breaksRunning: false },
  evidence: 'static',
  message,
  instead: rule.instead.says,
});
