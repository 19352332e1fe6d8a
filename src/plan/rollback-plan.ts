import { shownRequests } from '../domain/cells.js';
import { gateSettingsFor, type ApprovalSettings } from '../domain/gate-settings.js';
import type { PlannedImage } from '../domain/image.js';
import { closesSite, type Plan, type PlanContent } from '../domain/plan.js';
import { highest } from '../domain/risk.js';
import type { Only } from '../domain/rollback.js';
import { planHashOf } from './canonical.js';
import { isOfRelease } from './rollback.js';

export interface RollbackFacts {
  /** What runs; null: not known. */
  running: string | null;
  /** Where the database stands. */
  now: readonly string[];
  /** Plans of the deploys that are taken back, the newest first. */
  deploys: readonly [Plan, ...Plan[]];
  /** Those of them whose revisions are in the database, and go. */
  taken: readonly Plan[];
  only?: Only | undefined;
  approval: ApprovalSettings;
  /** A rollback was cut off before it had put back what was kept: nothing else is left to do. What that is, in words. */
  due?: readonly string[] | undefined;
}

/** Who rolls back waits for no window. */
const NO_WINDOWS = { low: [], medium: [], high: [], 'very-high': [] };

/**
 * The plan of a rollback over one deploy or more. Like any plan it is read forward, and gone backward: from `to` to
 * `from`, from `release` to `running`.
 */
export function rollbackPlan(facts: RollbackFacts): Plan {
  const { running, now, deploys, taken, approval, due } = facts;
  const only = due ? 'schema' : facts.only;
  const [newest] = deploys;
  const oldest = deploys.at(-1)!;
  const {
    planHash: _,
    keepsakes: _kept,
    phase: _phase,
    heldThrough: _held,
    ownRules: _own,
    ...rest
  } = newest;
  const risk = highest(taken.map((plan) => plan.risk));
  const closes = taken.some(({ procedure }) => closesSite(procedure));
  const stays = running ?? (due ? newest.running : null) ?? newest.release;
  const plan: PlanContent = {
    ...rest,
    ...(only === 'schema' ? { release: stays, running: stays } : { running: oldest.running }),
    ...{ from: only === 'app' ? now : oldest.from, to: now, standing: oldest.standing },
    revisions: taken.toReversed().flatMap(({ revisions }) => revisions),
    ...{ findings: [], coverage: { analysed: 0, total: 0 }, rehearsal: null, risk },
    procedure: closes ? 'high-risk' : taken.length > 0 ? 'low-risk' : 'deploy-only',
    rollback: linesOf(facts),
    gate: gateSettingsFor(risk, newest.target, approval, NO_WINDOWS),
    ...(newest.images ? { images: imagesOf(newest.images, oldest.images ?? []) } : {}),
    stallBudgetMs: Math.max(0, ...taken.map(({ stallBudgetMs = 0 }) => stallBudgetMs)),
    back: taken.map(({ planHash, release, keepsakes }) => ({
      ...{ planHash, release, keepsakes: keepsakes !== undefined },
      ...(due ? { schemaIsBack: true as const } : {}),
    })),
  };
  return { ...plan, planHash: planHashOf(plan) };
}

/** What runs is that of the newest deploy, and what ran before it that of the oldest. */
const imagesOf = (newest: readonly PlannedImage[], oldest: readonly PlannedImage[]): PlannedImage[] =>
  newest.map((image) => ({
    ...image,
    running: oldest.find(({ reference }) => reference === image.reference)?.running ?? null,
  }));

/** Whether the release that runs has been tried on the schema of before, and passed. */
export const runsOnBefore = ([{ rehearsal }, ...older]: readonly [Plan, ...Plan[]]): boolean =>
  older.length === 0 && rehearsal?.cells?.beforeMigration?.length === 0;

/** What moves, in its order, and what each of it loses. */
function linesOf({ running, deploys, taken, only, due }: RollbackFacts): string[] {
  if (due) return ['release and schema are back already, and stay as they are', ...due];
  const before = deploys.at(-1)!.running;
  const start = `start release ${before} in place of ${running ?? 'what runs'}: loses nothing, the schema is as it was`;
  const release = only === 'schema' ? [] : [start];
  if (taken.length === 0) return [...release, 'the schema stays as it is'];
  const many = deploys.length > 1;
  const schema = taken.flatMap((plan) =>
    plan.rollback
      .filter((line) => !isOfRelease(line))
      .map((line) => (many ? `${plan.release} → ${plan.running}: ${line}` : line)),
  );
  return [...release, ...schema, NOTHING_WRITTEN];
}

const NOTHING_WRITTEN =
  'what it could lose is empty now; what is written there until then turns the rollback around, and is not lost';

/**
 * Why the release of before may not run on the schema as it is, a line each; none: it may. The rehearsal knows where it
 * has tried both releases; else the check's findings tell. What a later deploy took away was held against the release
 * that ran then, and not against an earlier one.
 *
 * @param migrated - plans of the deploys whose migrations are in the database
 * @param before - the release that would be started
 */
export const whyNotAlone = (migrated: readonly Plan[], before: string | null): string[] =>
  migrated.flatMap((plan) => [...breaks(plan), ...(plan.running === before ? [] : takesAway(plan, before))]);

function breaks({ rehearsal, running, release, findings }: Plan): string[] {
  const tried = rehearsal?.cells?.rollbackAlone;
  if (tried)
    return tried.length > 0
      ? [`${running} was tried on what ${release} has written, and fails: ${shownRequests(tried)}`]
      : [];
  return findings
    .filter(({ breaksRunning }) => breaksRunning)
    .map(
      ({ revision, message, rule }) => `${revision === undefined ? '' : `${revision}: `}${message} (${rule})`,
    );
}

function takesAway({ phase, release }: Plan, before: string | null): string[] {
  if (phase && phase.phase !== 'contract') return [];
  const what = phase?.steps.map((step) => step.what).slice(0, 3) ?? [];
  return [
    `whether ${before} can do without what ${release} took away${what.length ? ` (${what.join(', ')})` : ''} was never tried`,
  ];
}
