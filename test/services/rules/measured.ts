import type { Client } from '../../../src/adapters/postgres/client.js';
import { lockModes, type LockMode } from '../../../src/domain/plan.js';
import type { Statement } from '../../../src/sql/parse.js';

/** What happened to one relation that was there before. */
export interface Seen {
  lock?: LockMode;
  isIndex: boolean;
  rewritten: boolean;
  /** Rows that were read one after the other. */
  rowsRead: number;
}

/** Relations by name, as they were before. */
export type Before = ReadonlyMap<string, { oid: string; file: string; isIndex: boolean }>;

export async function relationsNow(client: Client): Promise<Before> {
  const { rows } = await client.query<{ oid: string; name: string; file: string; index: boolean }>(
    `SELECT oid::text, relname AS name, pg_relation_filenode(oid)::text AS file,
       relkind IN ('i', 'I') AS index FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace`,
  );
  return new Map(rows.map(({ oid, name, file, index }) => [name, { oid, file, isIndex: index }]));
}

/** Statements that share a transaction: those between BEGIN and COMMIT, else each by itself. */
export function transactionsOf(statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [];
  let open: Statement[] | undefined;
  for (const statement of statements) {
    const kind = 'TransactionStmt' in statement.node ? statement.node.TransactionStmt.kind : undefined;
    if (kind === 'TRANS_STMT_BEGIN') groups.push((open = []));
    else if (kind === 'TRANS_STMT_COMMIT') open = undefined;
    else if (open) open.push(statement);
    else groups.push([statement]);
  }
  return groups;
}

/** Runs one transaction, and looks before its end at what it holds and has done. */
export async function observe(
  client: Client,
  group: readonly Statement[],
  before: Before,
): Promise<Map<string, Seen>> {
  await client.query('BEGIN');
  for (const { text } of group) await client.query(text);
  const seen = new Map<string, Seen>();
  for (const [name, { oid, file, isIndex }] of before) {
    const { rows } = await client.query<{ modes: string[]; file: string | null; read: number | null }>(
      `SELECT array(SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = $1::oid AND granted) AS modes,
         pg_relation_filenode($1::oid)::text AS file,
         (SELECT seq_tup_read::int FROM pg_stat_xact_user_tables WHERE relid = $1::oid) AS read`,
      [oid],
    );
    const [row] = rows;
    const lock = strongest((row?.modes ?? []).map(modeOf));
    // A dropped one has no file any more, and nothing was written for it.
    const rewritten = row?.file !== null && row?.file !== file;
    seen.set(name, { ...(lock ? { lock } : {}), isIndex, rewritten, rowsRead: row?.read ?? 0 });
  }
  await client.query('COMMIT');
  return seen;
}

/**
 * Runs a statement that no transaction may hold: somebody else has the table until it is seen which lock it waits for.
 * Looking the table up takes a weaker one first, which is let pass.
 *
 * @param table - the table that it works on
 */
export async function observeWaiting(
  client: Client,
  holder: Client,
  { text }: Statement,
  table: string,
): Promise<LockMode | undefined> {
  await holder.query(`BEGIN; LOCK TABLE ${table} IN SHARE UPDATE EXCLUSIVE MODE`);
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const running = client.query(text);
  const asked = await waitingFor(holder, rows[0]?.pid ?? 0, table);
  await holder.query('COMMIT');
  await running;
  return asked;
}

async function waitingFor(holder: Client, pid: number, table: string): Promise<LockMode | undefined> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { rows } = await holder.query<{ mode: string }>(
      'SELECT mode FROM pg_locks WHERE pid = $1 AND relation = $2::regclass AND NOT granted',
      [pid, table],
    );
    if (rows[0]) return modeOf(rows[0].mode);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

/** `AccessExclusiveLock` → `ACCESS EXCLUSIVE`. */
const modeOf = (mode: string): LockMode =>
  mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase() as LockMode;

export const strongest = (modes: readonly LockMode[]): LockMode | undefined =>
  lockModes.filter((mode) => modes.includes(mode)).at(-1);

/** Whether a lock keeps writers waiting, and perhaps readers. */
export const blocks = (mode: LockMode | undefined): boolean =>
  mode !== undefined && lockModes.indexOf(mode) >= lockModes.indexOf('SHARE');
