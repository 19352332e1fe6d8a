import type { Node } from '../sql/ast.js';
import { identifier, nameOf, read } from '../sql/ast.js';
import { keyIn, placeOf } from '../domain/sql-name.js';

/** What tables and columns were called before the plan: it may have given them other names since. */
export class CurrentNames {
  readonly #tables = new Map<string, string>();
  readonly #columns = new Map<string, string>();

  /** @param table - as a statement has it */
  tableBefore(table: string): string {
    return this.#tables.get(table) ?? table;
  }

  /** @param column - as the catalog has it, unquoted */
  columnBefore(table: string, column: string): string {
    return this.#columns.get(`${this.tableBefore(table)}.${column}`) ?? column;
  }

  /** A statement that may give other names. */
  follow(action: Node): void {
    const rename = read(action, 'RenameStmt');
    if (!rename?.relation) return;
    const table = nameOf(rename.relation);
    const { subname = '', newname = '' } = rename;
    if (rename.renameType === 'OBJECT_TABLE')
      this.#tables.set(keyIn(placeOf(table), identifier(newname)), this.tableBefore(table));
    if (rename.renameType === 'OBJECT_COLUMN')
      this.#columns.set(`${this.tableBefore(table)}.${newname}`, this.columnBefore(table, subname));
  }
}
