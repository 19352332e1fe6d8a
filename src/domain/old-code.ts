/** One thing that was looked at, in words. */
export interface OldCodeEvidence {
  /** Where it was looked at: `containers`, `processes`, `sessions`, `hosts`, `statements`, `files` or `watch time`. */
  source: string;
  /** Who or what, since when: one sentence. */
  says: string;
  /** false: it speaks against it; old code is left. */
  holds: boolean;
  /** What to do about it, such as `docker stop NAME`. */
  next?: readonly string[];
}

/** Whether old code is left that still uses what *contract* takes away. */
export interface OldCodeProof {
  /** Nothing speaks against it, and containers, processes or sessions could be looked at. */
  holds: boolean;
  evidence: OldCodeEvidence[];
  /** What could not be looked at, and why: no evidence for either. */
  missing: string[];
}

/** What looking at one source came to. */
export interface Looked {
  evidence: readonly OldCodeEvidence[];
  missing: readonly string[];
}

/** Where whoever runs at all is seen. Without one of these nobody knows anything. */
const SEES_WHO_RUNS = ['containers', 'processes', 'sessions'];
/** It travels through Temporal: 32 KB are far more than these. */
const MOST = 20;
const MOST_CHARS = 400;

/** Puts together what was looked at. What speaks against it comes first. */
export function proofOf(looked: readonly Looked[]): OldCodeProof {
  const all = looked.flatMap(({ evidence }) => evidence);
  const against = all.filter(({ holds }) => !holds);
  const missing = looked.flatMap((each) => each.missing);
  const isSeen = all.some(({ source }) => SEES_WHO_RUNS.includes(source));
  const blind = isSeen ? [] : ['neither containers nor processes nor sessions could be looked at: no proof'];
  return {
    holds: against.length === 0 && isSeen,
    evidence: [...few(against), ...all.filter(({ holds }) => holds)].map(short),
    missing: [...missing, ...blind].map((text) => cut(text)),
  };
}

function few(against: readonly OldCodeEvidence[]): readonly OldCodeEvidence[] {
  const left = against.length - MOST;
  const source = against.at(-1)?.source ?? '';
  return left > 0 ? [...against.slice(0, MOST), { source, says: `and ${left} more`, holds: false }] : against;
}

const short = ({ says, ...rest }: OldCodeEvidence): OldCodeEvidence => ({ ...rest, says: cut(says) });
const cut = (text: string): string =>
  text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS - 1).replace(/\p{Surrogate}$/u, '')}…`;

export const nothingToSay: Looked = { evidence: [], missing: [] };

/** What was looked at for one source: each culprit by itself, or one sentence that says that there is none. */
export const foundOr = (against: readonly OldCodeEvidence[], none: OldCodeEvidence): Looked => ({
  evidence: against.length ? against : [none],
  missing: [],
});

/** `2026-11-01 12:00 UTC` of an ISO 8601 time in UTC. */
export const when = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
