import type { Client } from '../../adapters/postgres/client.js';
import {
  columnsBeside,
  statementsNaming,
  type RunStatement,
  type RunStatements,
} from '../../adapters/postgres/statements.js';
import { foundOr, when, type Looked } from '../../domain/old-code.js';
import { literally } from '../../domain/pattern.js';
import { inCatalog, localOf } from '../../domain/sql-name.js';
import { count } from '../../domain/units.js';
import type { TakenName } from '../../plan/taken-names.js';
import { parse } from '../../sql/parse.js';
import { uses, type Taken } from '../../sql/uses.js';
import type { OldCodeAsked } from './asked.js';
import { callsSince, notedAfter } from './calls.js';
import { allNoted, keepNoted } from './note.js';

const SOURCE = 'statements';
const missing = (why: string): Looked => ({
  evidence: [],
  missing: [`${SOURCE}: pg_stat_statements: ${why}`],
});

/** Statements that name what goes, and that have been run since the deploy, by `pg_stat_statements`. */
export async function lookAtStatements(client: Client, asked: OldCodeAsked): Promise<Looked> {
  const { target, since, taken } = asked;
  if (!taken?.length) return { evidence: [], missing: [] };
  const words = [...new Set(taken.map(({ table }) => inCatalog(localOf(table))))];
  const found = await statementsNaming(client, words);
  if (typeof found === 'string') return missing(found);
  const using = await whichUse(client, found.statements, taken);
  const noted = notedAfter(await allNoted(target), since);
  const counted = using.map((each) => ({
    ...each,
    since: callsSince(each.statement, { noted, since, reset: found.reset }),
  }));
  const used = counted.filter(({ since: calls }) => calls !== null && calls > 0);
  const unknown = counted.filter(({ since: calls }) => calls === null);
  // Asked again later, it can be told by then.
  if (unknown.length && !noted) await keepNoted(target, found.now);
  const from = when(noted?.at ?? since);
  const none = `none that names ${namesOf(taken)} has been run since ${from}`;
  const looked = foundOr(
    used.map(({ statement, name, since: calls }) => ({
      source: SOURCE,
      says: `run ${count(calls!, 'time')} since ${from} by role ${statement.role}, names ${name}: ${shortly(statement)}`,
      holds: false,
      next: [`find what sends it, and stop it`],
    })),
    { source: SOURCE, says: none, holds: true },
  );
  const blind = unseen(found, noted?.forgotten ?? null, unknown.length, asked);
  return { evidence: used.length || !blind.length ? looked.evidence : [], missing: blind };
}

/** Why what is counted is not all that was run. */
function unseen(
  { hidden, now }: RunStatements,
  forgotten: number | null,
  unknown: number,
  { since }: OldCodeAsked,
): string[] {
  const lost = forgotten === null || now.forgotten === null ? 0 : now.forgotten - forgotten;
  return [
    ...(unknown
      ? [
          `of ${count(unknown, 'statement')} that name it nobody knows how often they had been run when the deploy was over (${when(since)}); noted now: ask again later`,
        ]
      : []),
    ...(lost > 0 ? [`it has forgotten statements since the deploy (pg_stat_statements.max)`] : []),
    ...(hidden
      ? [`${count(hidden, 'statement')} of other roles are not shown: GRANT pg_read_all_stats`]
      : []),
  ].map((why) => `${SOURCE}: pg_stat_statements: ${why}`);
}

interface Using {
  statement: RunStatement;
  /** What of that which goes it names. */
  name: string;
}

async function whichUse(
  client: Client,
  statements: readonly RunStatement[],
  names: readonly TakenName[],
): Promise<Using[]> {
  const beside = await columnsBeside(
    client,
    names.map(({ table, column }) => ({ table, column: column === undefined ? null : inCatalog(column) })),
  );
  const all: Taken[] = names.map((name, at) => ({ ...name, ...beside[at] }));
  const using: Using[] = [];
  for (const statement of statements) {
    const found = await firstUsed(statement.text, all);
    if (found) using.push({ statement, name: nameOf(found) });
  }
  return using;
}

async function firstUsed(text: string, all: readonly Taken[]): Promise<Taken | undefined> {
  const [one] = await parse(readable(text));
  if (one && 'node' in one) return all.find((taken) => uses(one.node, taken));
  // What no parser reads may be anything: whether it has the words is all that can be told.
  const has = (word: string) => new RegExp(`(?<!\\w)${literally(inCatalog(word))}(?!\\w)`, 'i').test(text);
  return all.find(({ table, column }) => has(localOf(table)) && (column === undefined || has(column)));
}

/** Of `interval '1 day'` the server keeps `interval $1`, which is no SQL. */
const readable = (text: string): string =>
  text.replace(/\b([a-z][a-z0-9_]*)\s+(\$\d+)/gi, (all, word: string, value: string) =>
    TYPES.test(word) ? `${value}::${word}` : all,
  );
const TYPES =
  /^(interval|date|time|timetz|timestamp|timestamptz|numeric|jsonb?|uuid|text|bytea|bool|boolean|int[248]?|integer|bigint|inet)$/i;

const nameOf = ({ table, column }: TakenName): string =>
  column === undefined ? table : `${table}.${column}`;
const namesOf = (names: readonly TakenName[]): string => names.map(nameOf).join(', ');
const shortly = ({ text }: RunStatement): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};
