import type { Finding } from '../../src/domain/plan.js';
import { risks, highest } from '../../src/domain/risk.js';
import type { HeldLock } from '../../src/rules/transaction.js';

/** What a revision did on a real server to tables that were there before it. */
export interface Seen {
  revision: string;
  locks: Readonly<Record<string, readonly string[]>>;
  rewrites: readonly string[];
  /** Tables and views that were there before it; one that it renames goes by its old name. */
  there: readonly string[];
}

/** What was said of it before. `known`: it was rendered as a whole. */
export interface Told {
  revision: string;
  known: boolean;
  findings: readonly Finding[];
  held: readonly HeldLock[];
}

/** Modes that keep somebody waiting, the strongest last, as pg_locks and as we write them. */
const modes: readonly (readonly [string, string])[] = [
  ['ShareLock', 'SHARE'],
  ['ShareRowExclusiveLock', 'SHARE ROW EXCLUSIVE'],
  ['ExclusiveLock', 'EXCLUSIVE'],
  ['AccessExclusiveLock', 'ACCESS EXCLUSIVE'],
];
const rewriting = /rewrit|column-type|truncat/;
const bare = (name: string) => name.replace(/^public\./, '').replace(/^"|"$/g, '');

/** Prints how many revisions are of which risk, and each lock and rewrite that was foretold wrongly. */
export function compare(told: readonly Told[], seen: ReadonlyMap<string, Seen>): void {
  const all = told.map(({ known, findings }) =>
    known ? highest(findings.map(({ risk }) => risk)) : 'very-high',
  );
  console.log(
    `by itself: ${risks.map((risk) => `${all.filter((one) => one === risk).length} ${risk}`).join(', ')}`,
  );
  console.log(`rendered as a whole: ${told.filter(({ known }) => known).length}; upgraded: ${seen.size}`);
  const score = {
    same: 0,
    missed: [] as string[],
    more: [] as string[],
    rewrites: 0,
    notSeen: [] as string[],
  };
  for (const one of told.filter(({ known }) => known)) add(one, seen.get(one.revision), score);
  console.log(`tables locked as foretold: ${score.same}; rewrites as foretold: ${score.rewrites}`);
  for (const line of [...score.missed, ...score.more, ...score.notSeen]) console.log(`  ${line}`);
}

function add(
  { revision, held, findings }: Told,
  seen: Seen | undefined,
  score: { same: number; missed: string[]; more: string[]; rewrites: number; notSeen: string[] },
): void {
  if (!seen) return void score.notSeen.push(`${revision}: was not upgraded`);
  const foretold = new Map<string, number>();
  for (const { name, lock } of held) {
    const rank = modes.findIndex(([, ours]) => ours === lock);
    foretold.set(bare(name), Math.max(rank, foretold.get(bare(name)) ?? -1));
  }
  const real = new Map(
    Object.entries(seen.locks).map(([name, taken]) => [
      name,
      Math.max(...taken.map((mode) => modes.findIndex(([theirs]) => theirs === mode))),
    ]),
  );
  for (const name of new Set([...foretold.keys(), ...real.keys()])) {
    const [ours, theirs] = [foretold.get(name) ?? -1, real.get(name) ?? -1];
    const words = (rank: number) => modes[rank]?.[1] ?? 'nothing strong';
    const line = `${revision} ${name}: foretold ${words(ours)}, took ${words(theirs)}`;
    if (!seen.there.includes(name)) continue;
    if (ours === theirs) score.same += ours < 0 ? 0 : 1;
    else (ours < theirs ? score.missed : score.more).push(`${ours < theirs ? 'MISSED' : 'more  '} ${line}`);
  }
  for (const table of seen.rewrites) {
    const found = findings.some(
      ({ rule, relations }) => rewriting.test(rule) && relations.some(({ name }) => bare(name) === table),
    );
    if (found) score.rewrites += 1;
    else score.missed.push(`MISSED ${revision} ${table}: was written anew`);
  }
}
