import { phasedBy } from '../domain/phased.js';
import type { Node } from '../sql/ast.js';
import { actionsOf, addedColumn, identifier, nameOf, nameOfObject, read, tableCommand } from '../sql/ast.js';
import { parse } from '../sql/parse.js';
import type { PendingRevision } from './facts.js';

/** A name that old code may use, and that is not there any more afterwards. */
export interface TakenName {
  table: string;
  /** Absent where the whole table goes. */
  column?: string;
}

/** Whether one of the comments in its file says that it is the end of the change. */
export const isContractOf = (
  { allowances = [] }: Pick<PendingRevision, 'allowances'>,
  change: string,
): boolean =>
  allowances.some((comment) => {
    const phased = phasedBy([comment]);
    return phased?.phase === 'contract' && phased.change === change;
  });

/** The changes of which one of the revisions is the end, each once. */
export const contractedBy = (revisions: readonly Pick<PendingRevision, 'allowances'>[]): string[] => [
  ...new Set(
    revisions.flatMap(({ allowances = [] }) => {
      const phased = phasedBy(allowances);
      return phased?.phase === 'contract' ? [phased.change] : [];
    }),
  ),
];

/**
 * Names of tables, views and columns that revisions take away: what they drop, rename or move, and give to nothing else. A
 * column whose name another one gets, as when its type is changed, is not among them: code that knows the name goes on.
 *
 * @returns null where not all of the SQL is known
 */
export async function takenNames(revisions: readonly PendingRevision[]): Promise<TakenName[] | null> {
  const taken = new Map<string, TakenName>();
  const made = new Set<string>(); // by these revisions: nobody's yet
  for (const { upSql, partly } of revisions) {
    const sql = upSql ?? partly?.upSql;
    if (sql === undefined || (upSql === null && partly?.steps.some(({ onlyReads }) => !onlyReads)))
      return null;
    for (const part of await parse(sql)) {
      if (!('node' in part)) return null;
      for (const action of actionsOf(part.node)) {
        for (const name of takenBy(action)) if (!made.has(keyOf(name))) taken.set(keyOf(name), name);
        for (const name of givenBy(action)) if (!taken.delete(keyOf(name))) made.add(keyOf(name));
      }
    }
  }
  const tables = new Set(
    [...taken.values()].flatMap(({ table, column }) => (column === undefined ? [table] : [])),
  );
  return [...taken.values()].filter(({ table, column }) => column === undefined || !tables.has(table));
}

const keyOf = ({ table, column }: TakenName): string =>
  column === undefined ? table : `${table}\0${column}`;

function takenBy(action: Node): TakenName[] {
  const drop = read(action, 'DropStmt');
  if (/^OBJECT_(TABLE|VIEW|MATVIEW)$/.test(drop?.removeType ?? ''))
    return (drop?.objects ?? []).map((object) => ({ table: nameOfObject(object) }));
  const column = tableCommand(action, 'AT_DropColumn');
  if (column) return [{ table: column.table, column: identifier(column.cmd.name ?? '') }];
  const moved = read(action, 'AlterObjectSchemaStmt');
  if (moved?.relation) return [{ table: nameOf(moved.relation) }];
  const rename = renamed(action);
  return rename ? [rename.from] : [];
}

function givenBy(action: Node): TakenName[] {
  const added = addedColumn(action);
  if (added) return [{ table: added.table, column: added.name }];
  const made = read(action, 'CreateStmt')?.relation ?? read(action, 'ViewStmt')?.view;
  if (made) return [{ table: nameOf(made) }];
  const rename = renamed(action);
  return rename ? [rename.to] : [];
}

function renamed(action: Node): { from: TakenName; to: TakenName } | undefined {
  const rename = read(action, 'RenameStmt');
  if (!rename?.relation) return undefined;
  const table = nameOf(rename.relation);
  const to = identifier(rename.newname ?? '');
  if (rename.renameType === 'OBJECT_COLUMN')
    return { from: { table, column: identifier(rename.subname ?? '') }, to: { table, column: to } };
  return /^OBJECT_(TABLE|VIEW|MATVIEW)$/.test(rename.renameType ?? '')
    ? { from: { table }, to: { table: to } }
    : undefined;
}
