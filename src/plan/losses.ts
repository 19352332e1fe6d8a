import type { Kind, Node } from '../sql/ast.js';
import { isKnownBefore, renamedBy, retypedBy } from './retyped.js';
import type { PlannedKeepsake } from '../domain/keepsake.js';
import type { Retyped } from '../domain/retyped.js';
import { isQualified, localOf } from '../domain/sql-name.js';
import {
  actionsOf,
  identifier,
  kindOf,
  nameOf,
  nameOfObject,
  read,
  readAll,
  tableCommand,
} from '../sql/ast.js';
import type { Block } from '../sql/block.js';
import type { Parsed } from '../sql/parse.js';
import { parse } from '../sql/parse.js';
import { isBookkeeping, isHarmless } from '../rules/harmless.js';

/** What a downgrade would remove, to ask the database whether anything was written there. */
export interface Losses {
  /** As to_regclass() takes them: quoted where they need to be. */
  tables: string[];
  /** `column` as the catalog has it, unquoted. */
  columns: { table: string; column: string }[];
  /** Columns that get another type: values that do not fit it would be lost, or refused. */
  retyped: (Retyped & { statement: string })[];
  /** Local names of tables in which a name is another's afterwards, or which got their name by a statement. */
  renamed: string[];
  /** Columns that it adds: `table.column`, as the SQL has them. What is written there was not there before. */
  added: string[];
  /** Statements of which it is not known what they lose. */
  unknown: string[];
}

/** Objects that hold no rows of their own. */
const holdsNoRows = ['OBJECT_INDEX', 'OBJECT_TYPE', 'OBJECT_SEQUENCE'];

/** @returns what the SQL of a downgrade would remove; whatever is no plain removal counts as unknown */
export async function lossesOf(
  downSql: string,
  versionTable?: string,
  keepsakes: readonly PlannedKeepsake[] = [],
  added: readonly string[] = [],
): Promise<Losses> {
  return lossesIn(await parse(downSql), versionTable, keepsakes, added);
}

/**
 * The same of SQL that was read already.
 *
 * @param keepsakes - what goes back afterwards: changing that loses nothing
 * @param added - columns that a downgrade which comes first has added
 */
export function lossesIn(
  parsed: readonly Parsed[],
  versionTable = 'alembic_version',
  keepsakes: readonly PlannedKeepsake[] = [],
  added: readonly string[] = [],
): Losses {
  const losses: Losses = {
    ...{ tables: [], columns: [], retyped: [], renamed: [], unknown: [] },
    added: [...added],
  };
  for (const part of parsed) {
    if ('node' in part && part.block && onlyFillsIn(part.block, losses.added)) continue;
    const actions = 'node' in part ? actionsOf(part.node) : [];
    if (
      !('node' in part) ||
      !actions.every((action) => isOfKept(action, keepsakes) || add(action, part.text, losses, versionTable))
    )
      losses.unknown.push(part.text);
  }
  return losses;
}

/** @returns whether all that the statement removes is known */
function add(action: Node, text: string, losses: Losses, versionTable: string): boolean {
  if (isBookkeeping(action, versionTable) || kindOf(action) === 'CommentStmt') return true;
  if (kindOf(action) === 'SelectStmt') return isHarmless(action); // it only reads
  if (onlyFills(action, losses.added)) return true;
  const addition = tableCommand(action, 'AT_AddColumn');
  const name = read(addition?.cmd.def, 'ColumnDef')?.colname;
  if (addition && name) losses.added.push(`${addition.table}.${name}`);
  losses.renamed.push(...renamedBy(action));
  if (onlyAdds(action)) return true;
  const retyped = retypedBy(action);
  if (retyped)
    return !isKnownBefore(retyped, losses) && losses.retyped.push({ ...retyped, statement: text }) > 0;
  const drop = read(action, 'DropStmt');
  if (drop?.removeType === 'OBJECT_TABLE') {
    // Alembic drops its own table when it goes back to before the first revision.
    const own = identifier(versionTable);
    const tables = (drop.objects ?? []).map(nameOfObject);
    losses.tables.push(...tables.filter((name) => name !== own && !name.endsWith(`.${own}`)));
    return drop.behavior !== 'DROP_CASCADE';
  }
  if (drop) return holdsNoRows.includes(drop.removeType ?? '') && drop.behavior !== 'DROP_CASCADE';
  const column = tableCommand(action, 'AT_DropColumn');
  if (column) losses.columns.push({ table: column.table, column: column.cmd.name ?? '' });
  const removal = column ?? tableCommand(action, 'AT_DropConstraint');
  return removal !== undefined && removal.cmd.behavior !== 'DROP_CASCADE';
}

/** What it makes is new, and what was there stays as it is. */
const onlyAdds = (action: Node): boolean =>
  ADDS.has(kindOf(action)) ||
  isNewFunction(action) ||
  keepsNumbers(action) ||
  tableCommand(action, 'AT_AddColumn', 'AT_AddConstraint', 'AT_ValidateConstraint') !== undefined ||
  tableCommand(action, 'AT_ColumnDefault', 'AT_SetNotNull', 'AT_DropNotNull') !== undefined;

const ADDS: ReadonlySet<string> = new Set<Kind>([
  'CreateStmt',
  'CreateSeqStmt',
  'CreateEnumStmt',
  'CreateDomainStmt',
  'CreateTrigStmt',
  'CreateSchemaStmt',
  'IndexStmt',
  'LockStmt',
  'RenameStmt',
]);

const isNewFunction = (action: Node): boolean => {
  const made = read(action, 'CreateFunctionStmt');
  return made !== undefined && !made.replace;
};

/** A sequence that gets another owner or type: PostgreSQL refuses one that cannot hold where it is. */
const keepsNumbers = (action: Node): boolean => {
  const options = readAll(read(action, 'AlterSeqStmt')?.options, 'DefElem');
  return options.length > 0 && options.every(({ defname = '' }) => ['owned_by', 'as'].includes(defname));
};

/** A block that reads, and fills columns which the downgrade itself has added. */
const onlyFillsIn = ({ nodes, unknown }: Block, added: readonly string[]): boolean =>
  unknown.length === 0 &&
  nodes.length > 0 &&
  nodes
    .flatMap(actionsOf)
    .every((one) => (read(one, 'SelectStmt') ? isHarmless(one) : onlyFills(one, added)));

/** An UPDATE that writes nothing but columns which the downgrade itself has added. */
function onlyFills(action: Node, added: readonly string[]): boolean {
  const update = read(action, 'UpdateStmt');
  const table = update && nameOf(update.relation);
  const names = readAll(update?.targetList, 'ResTarget').map(({ name = '' }) => name);
  return names.length > 0 && names.every((name) => added.includes(`${table}.${name}`));
}

/** What changes values that go back afterwards. */
function isOfKept(action: Node, keepsakes: readonly PlannedKeepsake[]): boolean {
  const typed = tableCommand(action, 'AT_AlterColumnType');
  const update = read(action, 'UpdateStmt');
  const table = typed?.table ?? (update && nameOf(update.relation));
  const names = typed ? [typed.cmd.name] : readAll(update?.targetList, 'ResTarget').map(({ name }) => name);
  const kept = keepsakes.find((each) => table !== undefined && isSameTable(each.table, table));
  return names.length > 0 && names.every((name) => kept?.columns.some((each) => each.name === name));
}

const isSameTable = (full: string, name: string): boolean =>
  isQualified(name) ? full === name : localOf(full) === name;
