import type { PlanSummary } from './plan.js';
import { planOf, type RunRecord } from './record.js';

/** What a rollback puts back; default: both. */
export type Only = 'app' | 'schema';

/** One deploy whose schema a rollback takes back, by the plan that it was done by. */
export interface DeployBack {
  planHash: string;
  release: string;
  /** Whether what it took was kept, and goes back after its downgrade. */
  keepsakes: boolean;
  /** Its schema was taken back before, by a rollback that was cut off: what was kept is all that is left. */
  schemaIsBack?: true;
}

/** What a deploy that is done has changed of a target. */
export interface Move {
  plan: PlanSummary;
  /** What ran afterwards; null: not known. */
  release: string | null;
  /** Where the database stood afterwards. */
  to: readonly string[];
}

/**
 * What the recorded deploys have changed, as far as they changed anything; in the order of the records. A run may have
 * left out its migration, or its release: what it did is told by its facts, not by its plan.
 */
export const movesOf = (records: readonly RunRecord[]): Move[] =>
  records.flatMap((record) => {
    const plan = planOf(record);
    if (record.kind !== 'deploy' || record.outcome !== 'done' || !plan) return [];
    const did = (step: string) => record.facts.some((fact) => fact.kind === 'finished' && fact.step === step);
    const release = did('deploy') ? plan.release : plan.running;
    const to = did('migrate') ? plan.to : plan.from;
    return release !== plan.running || did('migrate') ? [{ plan, release, to }] : [];
  });

export interface Wanted {
  /** The release that runs; null: not known. */
  running: string | null;
  /** Where the database stands. */
  now: readonly string[];
  /** A release that ran before; default: the one before the last deploy. */
  to?: string | undefined;
  only?: Only | undefined;
}

/** The moves that are taken back, the newest first; or why there are none, in words. */
export type WayBack = { moves: readonly [Move, ...Move[]] } | { why: string };

/**
 * Finds the deploys that brought a target to where it is, back to the release that is wanted: each begins where the one
 * before it ended.
 *
 * @param moves - the newest first
 */
export function wayBack(moves: readonly Move[], wanted: Wanted): WayBack {
  const left = moves.slice(firstOf(moves, wanted));
  const [newest] = left;
  const why =
    newest && !isBehind(newest, moves, wanted) ? whyNotFrom(newest, wanted) : whyNone(moves, wanted);
  if (!newest || why) return { why };
  const end = endOf(left, wanted);
  const way: [Move, ...Move[]] = [newest];
  for (let last = newest; !isEnd(last, newest, { ...wanted, to: end }); way.push(last)) {
    const older = left.slice(left.indexOf(last) + 1).find((move) => follows(last, move));
    if (!older)
      return { why: `the recorded deploys do not lead back to ${end ?? 'another release'}${known(moves)}` };
    last = older;
  }
  if (way.length > MOST)
    return { why: `it leads back over ${way.length} deploys, and at most ${MOST} go at once` };
  const unknown = way.find(({ plan }) => plan.running === null);
  return unknown ? { why: `which release ran before ${unknown.plan.release} is not known` } : { moves: way };
}

/** As many as travel with a plan. */
const MOST = 20;

/** Empty where nothing speaks against it. */
function whyNotFrom({ plan, release }: Move, { running, to, only }: Wanted): string {
  if (only === 'schema') return '';
  if (to !== undefined && to === running) return `${to} is what runs`;
  return to === undefined && only === undefined && release === plan.running
    ? `the database was migrated since the last deploy, and ${running ?? 'the release'} stayed: --schema-only takes that ` +
        'back alone, --to RELEASE goes further'
    : '';
}

/** Whether the way ends here: at the release that is wanted, else at the first other one. */
const isEnd = ({ plan }: Move, newest: Move, { to, only }: Wanted): boolean =>
  to === undefined ? only === 'schema' || plan.running !== newest.release : plan.running === to;

/**
 * The moves whose migrations the release of before would run on, were it started alone; null: others have moved the
 * database since.
 */
export function stayingUnder(
  all: readonly Move[],
  way: readonly [Move, ...Move[]],
  now: readonly string[],
): Move[] | null {
  const [newest] = way;
  const newer = isSame(newest.to, now) ? [] : all.slice(0, all.indexOf(newest)).filter(hasMigrated);
  if (!isSame((newer[0] ?? newest).to, now)) return null;
  return [...newer, ...way.filter(hasMigrated)];
}

/** Where the newest of them is: what it has left is what is there. */
function firstOf(moves: readonly Move[], { running, now, only }: Wanted): number {
  const at = moves.findIndex((move) =>
    only === 'schema'
      ? hasMigrated(move) && isSame(move.to, now)
      : running === null || move.release === running,
  );
  return at < 0 ? moves.length : at;
}

/**
 * The release at which the way ends; undefined: the first other one. The schema alone goes back to that of the release
 * that runs, where that ran before.
 */
function endOf(moves: readonly Move[], { to, only, running }: Wanted): string | undefined {
  if (to !== undefined || only !== 'schema' || running === null) return to;
  const ranBefore = moves.some(({ plan }) => plan.running === running);
  return moves[0]?.release !== running && ranBefore ? running : undefined;
}

/** Whether its migration was run. */
export const hasMigrated = ({ plan, to }: Move): boolean => !isSame(plan.from, to);

const follows = ({ plan }: Move, older: Move): boolean =>
  older.release === plan.running && isSame(older.to, plan.from);

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();

function whyNone(moves: readonly Move[], wanted: Wanted): string {
  const { running, now, only } = wanted;
  if (moves.length === 0) return 'no deploy is in the records';
  const ahead = only === 'schema' ? undefined : aheadOf(moves, wanted);
  if (ahead)
    return `${running} runs already, on the schema that the deploy of ${ahead.plan.release} has brought: --schema-only takes that back`;
  return only === 'schema'
    ? `none of the ${moves.length} recorded deploys brought the database to ${now.join(', ') || 'base'}`
    : `none of the ${moves.length} recorded deploys brought ${running ?? 'the running release'} here`;
}

/** It has left another schema than there is, which a later one has brought. */
const isBehind = (move: Move, moves: readonly Move[], wanted: Wanted): boolean =>
  wanted.only === undefined && !isSame(move.to, wanted.now) && aheadOf(moves, wanted) !== undefined;

/** The deploy whose release was put back alone. */
const aheadOf = (moves: readonly Move[], { running, now }: Wanted): Move | undefined =>
  moves.find((move) => move.plan.running === running && hasMigrated(move) && isSame(move.to, now));

const SHOWN = 10;

/** What ran before, as far as it is known. */
function known(moves: readonly Move[]): string {
  const names = [...new Set(moves.flatMap(({ plan }) => plan.running ?? []))];
  return names.length ? `: known are ${names.slice(0, SHOWN).join(', ')}` : '';
}
