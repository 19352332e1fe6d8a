import type { Node, RangeVar } from '../sql/ast.js';
import { dotted, identifier, nameOf, nameOfObject, read } from '../sql/ast.js';
import { touchedBy } from './touched.js';

/** What the statements so far have made. Only grows with what is certainly new. */
export interface Made {
  newTables: Set<string>;
  newTypes: Set<string>;
  /** Whether a name without a schema may by now mean another table than it did. */
  namesMoved: boolean;
}

export const nothingMade = (): Made => ({
  newTables: new Set(),
  newTypes: new Set(),
  namesMoved: false,
});

/** Takes note of what a statement makes, renames and drops. */
export function remember(node: Node, made: Made): void {
  const table = newRelation(node);
  if (table?.relname) made.newTables.add(nameOf(table));
  const type = newType(node);
  if (type) made.newTypes.add(type);
  for (const name of typesNotSure(node)) made.newTypes.delete(name);
  rememberIndex(node, made);
  forgetDropped(node, made);
  followRename(node, made);
  // It may move again at the end of the transaction, so that no name without a schema is sure any more.
  if (changesNames(node)) made.namesMoved = true;
  if (undoes(node)) forgetAll(made);
  if (made.namesMoved)
    for (const name of made.newTables) if (!name.includes('.')) made.newTables.delete(name);
}

/** The relation that is certainly new: IF NOT EXISTS may find another, a partition belongs to its parent. */
function newRelation(node: Node): RangeVar | undefined {
  const table = read(node, 'CreateStmt');
  if (table) return table.if_not_exists || table.inhRelations?.length ? undefined : table.relation;
  const copy = read(node, 'CreateTableAsStmt');
  if (copy) return copy.if_not_exists ? undefined : copy.into?.rel;
  const view = read(node, 'ViewStmt');
  if (view) return view.replace ? undefined : view.view;
  const sequence = read(node, 'CreateSeqStmt');
  if (sequence) return sequence.if_not_exists ? undefined : sequence.sequence;
  return read(node, 'SelectStmt')?.intoClause?.rel;
}

function newType(node: Node): string | undefined {
  const domain = read(node, 'CreateDomainStmt');
  if (domain) return domain.constraints?.length ? undefined : dotted(domain.domainname);
  const composite = read(node, 'CompositeTypeStmt')?.typevar;
  if (composite) return nameOf(composite);
  return dotted((read(node, 'CreateEnumStmt') ?? read(node, 'CreateRangeStmt'))?.typeName) || undefined;
}

/** Types that are gone, or are domains that have a condition now. */
function typesNotSure(node: Node): string[] {
  const drop = read(node, 'DropStmt');
  if (drop)
    return /_(TYPE|DOMAIN)$/.test(drop.removeType ?? '') ? (drop.objects ?? []).map(nameOfObject) : [];
  const domain = read(node, 'CreateDomainStmt');
  if (domain) return domain.constraints?.length ? [dotted(domain.domainname)] : [];
  return [dotted(read(node, 'AlterDomainStmt')?.typeName)];
}

function rememberIndex(node: Node, made: Made): void {
  const index = read(node, 'IndexStmt');
  if (!index?.idxname || index.if_not_exists || !made.newTables.has(nameOf(index.relation))) return;
  made.newTables.add(beside(index.relation, index.idxname));
}

/** An index, and a renamed table, stay in the schema of the table. */
const beside = (relation: RangeVar | undefined, name: string): string =>
  [relation?.schemaname, name].flatMap((part) => (part ? identifier(part) : [])).join('.');

function forgetDropped(node: Node, made: Made): void {
  const drop = read(node, 'DropStmt');
  const moved = read(node, 'AlterObjectSchemaStmt');
  const attached = read(read(node, 'AlterTableStmt')?.cmds?.[0], 'AlterTableCmd');
  for (const name of drop || moved ? touchedBy(node) : []) made.newTables.delete(name);
  const partition = attached?.subtype === 'AT_AttachPartition' && read(attached.def, 'PartitionCmd')?.name;
  if (partition) made.newTables.delete(nameOf(partition));
}

function followRename(node: Node, made: Made): void {
  const rename = read(node, 'RenameStmt');
  if (!rename?.relation || !rename.newname || rename.subname) return;
  if (made.newTables.delete(nameOf(rename.relation)))
    made.newTables.add(beside(rename.relation, rename.newname));
}

function changesNames(node: Node): boolean {
  const setting = read(node, 'VariableSetStmt');
  if (read(node, 'DiscardStmt')) return true;
  return (
    setting?.kind === 'VAR_RESET_ALL' ||
    ['search_path', 'role', 'session_authorization'].includes(setting?.name ?? '')
  );
}

/** What was made since may be gone, and an older table of the same name be there again. */
const undoes = (node: Node): boolean => /_ROLLBACK(_TO)?$/.test(read(node, 'TransactionStmt')?.kind ?? '');

function forgetAll(made: Made): void {
  made.newTables.clear();
  made.newTypes.clear();
}
