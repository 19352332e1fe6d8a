import type { Kind, Node, RangeVar } from '../sql/ast.js';
import type { Names } from './rule.js';
import { inside, kindOf, nameOf, nameOfObject, read, readAll, tableOfObject } from '../sql/ast.js';

const relationKinds = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
  'OBJECT_FOREIGN_TABLE',
];
const partKinds = ['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'];

/** Statements whose `relation` is the table that they change. */
const onRelation: ReadonlySet<string> = new Set<Kind>([
  'AlterTableStmt',
  'IndexStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'RenameStmt',
  'AlterObjectSchemaStmt',
  'CreateTrigStmt',
  'RuleStmt',
  'ClusterStmt',
  'ReindexStmt',
  'RefreshMatViewStmt',
]);

/** @returns the relations that a statement changes, locks or writes to; none where it names none */
export function touchedBy(node: Node): string[] {
  const kind = kindOf(node);
  if (onRelation.has(kind)) {
    const { relation } = read(node, kind) as { relation?: RangeVar };
    if (relation) return [nameOf(relation)];
  }
  const grant = read(node, 'GrantStmt');
  if (grant?.targtype === 'ACL_TARGET_OBJECT') return readAll(grant.objects, 'RangeVar').map(nameOf);
  const drop = read(node, 'DropStmt');
  if (drop) return droppedRelations(drop.removeType ?? '', drop.objects ?? []);
  return others(node).map(nameOf);
}

function droppedRelations(kind: string, objects: readonly Node[]): string[] {
  if (relationKinds.includes(kind)) return objects.map(nameOfObject);
  return partKinds.includes(kind) ? objects.map(tableOfObject) : [];
}

function others(node: Node): RangeVar[] {
  const listed = read(node, 'TruncateStmt') ?? read(node, 'LockStmt');
  if (listed) return readAll(listed.relations, 'RangeVar');
  const vacuum = read(node, 'VacuumStmt');
  if (vacuum) return readAll(vacuum.rels, 'VacuumRelation').flatMap(({ relation }) => relation ?? []);
  const view = read(node, 'ViewStmt');
  const one =
    (view?.replace ? view.view : undefined) ??
    read(node, 'AlterSeqStmt')?.sequence ??
    read(node, 'CreatePolicyStmt')?.table ??
    read(node, 'AlterPolicyStmt')?.table;
  return one ? [one] : [];
}

/** Whether all relations that it touches were made in the same plan: nobody waits, nothing is lost. */
export function touchesOnlyNew(node: Node, newTables: Names): boolean {
  const touched = touchedBy(node);
  return touched.length > 0 && touched.every((name) => newTables.has(name)) && kindOf(node) !== 'LockStmt';
}

const queries = /^(Select|Insert|Update|Delete|Merge|CreateTableAs|Copy)Stmt$/;

/** Whether running it means running a query, with whatever that calls and writes. */
export const isQuery = (node: Node): boolean => queries.test(kindOf(node));

/** The tables a statement writes rows to, at any depth: `WITH gone AS (DELETE …) SELECT …` writes too. */
export function writtenBy(node: Node): string[] {
  if (!isQuery(node)) return [];
  const written: string[] = [];
  for (const part of inside(node)) {
    const write =
      read(part, 'InsertStmt') ??
      read(part, 'UpdateStmt') ??
      read(part, 'DeleteStmt') ??
      read(part, 'MergeStmt');
    if (write?.relation) written.push(nameOf(write.relation));
  }
  return written;
}
