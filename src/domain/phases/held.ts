import { phasedBy, type Phased } from '../phased.js';
import type { CommentLine } from '../revision.js';

/** A revision that the database lacks, as far as this looks at it. */
export interface PendingPart {
  revision: string;
  down: readonly string[];
  dependsOn?: readonly string[];
  allowances?: readonly CommentLine[];
}

/** A revision that is left for its phase of its change. */
export interface HeldBack extends Phased {
  revision: string;
}

/** What a plan has to do with changes in phases. */
export interface OfPhases {
  /** Only what this phase of a change needs. */
  upTo?: Phased;
  /** Pending revisions that are left for their phases of changes that are under way. */
  heldBack?: readonly HeldBack[];
}

/** What of the pending revisions is run now. */
export interface Parted<P> {
  /** In the order in which they are run. */
  runs: readonly P[];
  held: readonly HeldBack[];
  /** Ordinary revisions that stand on one that is held back. */
  blocked: readonly { revision: string; on: HeldBack }[];
  /** Of a phase: revisions of other phases or changes that it stands on, and that are not in the database. */
  missing: readonly HeldBack[];
}

/**
 * Parts pending revisions. Those of a change that is under way are run by the run of their phase alone: any other leaves
 * them, and what stands on them.
 *
 * @param open - changes that are under way
 * @param upTo - only what this phase needs, and no more
 */
export function part<P extends PendingPart>(
  pending: readonly P[],
  open: ReadonlySet<string>,
  upTo?: Phased,
): Parted<P> {
  return upTo ? ofPhase(pending, upTo) : ordinary(pending, open);
}

/** Which part of which change a revision is, by the comments of its file. */
const partOf = ({ revision, allowances = [] }: PendingPart): HeldBack | undefined => {
  const phased = phasedBy(allowances);
  return phased && { revision, ...phased };
};

const below = ({ down, dependsOn = [] }: PendingPart): readonly string[] => [...down, ...dependsOn];

function ofPhase<P extends PendingPart>(pending: readonly P[], upTo: Phased): Parted<P> {
  const byId = new Map(pending.map((each) => [each.revision, each]));
  const needed = new Set<string>();
  const need = (id: string): void => {
    const one = byId.get(id);
    if (!one || needed.has(id)) return;
    needed.add(id);
    below(one).forEach(need);
  };
  const isOf = (one?: Phased) => one?.change === upTo.change && one.phase === upTo.phase;
  for (const one of pending) if (isOf(partOf(one))) need(one.revision);
  const parts = pending.flatMap((one) => partOf(one) ?? []);
  return {
    runs: pending.filter(({ revision }) => needed.has(revision)),
    held: parts.filter(({ revision }) => !needed.has(revision)),
    blocked: [],
    missing: parts.filter((one) => needed.has(one.revision) && !isOf(one)),
  };
}

function ordinary<P extends PendingPart>(pending: readonly P[], open: ReadonlySet<string>): Parted<P> {
  const left = new Map<string, HeldBack>();
  const held: HeldBack[] = [];
  const blocked: { revision: string; on: HeldBack }[] = [];
  // In the order of running: what a revision stands on comes before it.
  for (const one of pending) {
    const phased = partOf(one);
    const isHeld = phased !== undefined && open.has(phased.change);
    const because = isHeld ? phased : below(one).flatMap((id) => left.get(id) ?? [])[0];
    if (!because) continue;
    left.set(one.revision, because);
    if (isHeld) held.push(phased);
    else blocked.push({ revision: one.revision, on: because });
  }
  return { runs: pending.filter(({ revision }) => !left.has(revision)), held, blocked, missing: [] };
}

/** Where a database at `from` stands after these revisions. */
export function headsAfter(from: readonly string[], runs: readonly PendingPart[]): string[] {
  const passed = new Set(runs.flatMap(below));
  return [...from, ...runs.map(({ revision }) => revision)].filter((id) => !passed.has(id)).sort();
}

export const heldText = ({ revision, phase, change }: HeldBack): string =>
  `${revision} (${phase} of ${change})`;
