import { Problem } from '../problem.js';
import { heldText, type HeldBack } from '../phases/held.js';
import type { Phased } from '../phased.js';
import { few } from '../units.js';

const PAGE = 'docs/phases.md tells how a change goes through its phases';
const problem = (code: string, what: string, next: readonly string[], why?: string) =>
  new Problem(code, { what, ...(why === undefined ? {} : { why }), next, retry: false });

/** All faults of a change file at once. */
export const changeFaults = (from: string, faults: readonly string[]) =>
  problem(
    'change-faults',
    `${from} can not be read as a change`,
    [`correct it; ${PAGE}`],
    [...new Set(faults)].map((fault) => `- ${fault}`).join('\n'),
  );

/** An ordinary release brings revisions that stand on one which is left for its phase. */
export const standsOnHeld = (
  target: string,
  release: string,
  blocked: readonly { revision: string; on: HeldBack }[],
) =>
  problem(
    'stands-on-held-back',
    `release ${release} can not migrate ${target} past a change that is under way`,
    [
      ...[...new Set(blocked.map(({ on }) => on.change))].flatMap((change) => [
        `take the change on: lockkeeper phases status ${target} ${change} says what it waits for`,
        `or give it up: lockkeeper phases abandon ${target} ${change}`,
      ]),
      'or put the new revisions below it: set their down_revision to the last one that is not held back',
      `or deploy without them: lockkeeper deploy ${target} --skip-migrate`,
    ],
    few(
      blocked.map(({ revision, on }) => `${revision} stands on ${heldText(on)}`),
      5,
    ).join('; '),
  );

/** A phase whose revisions stand on those of another one that was not run. */
export const phaseStandsOnOther = (
  target: string,
  { phase, change }: Phased,
  missing: readonly HeldBack[],
) => {
  const others = [...new Set(missing.map((each) => each.change))].filter((name) => name !== change);
  return problem(
    'phase-stands-on-other',
    `phase ${phase} of ${change} stands on revisions that the database of ${target} lacks, and that are no part of it`,
    [
      ...others.map((name) => `take ${name} there first: lockkeeper phases status ${target} ${name}`),
      ...(others.length < new Set(missing.map((each) => each.change)).size
        ? [
            `its own phases run in their order: put their revisions in that order, and say which phase each is`,
          ]
        : []),
      'or set down_revision so that they do not stand on them',
    ],
    few(missing.map(heldText), 5).join('; '),
  );
};

/** The release has no file that says it is of this phase. */
export const phaseWithoutRevisions = (target: string, { phase, change }: Phased, release: string) =>
  problem(
    'phase-without-revisions',
    `release ${release} has no revision of phase ${phase} of ${change} that the database of ${target} lacks`,
    [
      `bring the release that has it: the comment "# lockkeeper: phase ${phase} of ${change}" stands in its file`,
      `or name the release in the change file: ${phase}: {release: NAME}`,
    ],
  );

/** Nothing of the change was found. */
export const noSuchChange = (target: string, change: string, release: string, others: readonly string[]) =>
  problem('no-such-change', `release ${release} of ${target} has no revision of a change ${change}`, [
    others.length
      ? `its pending revisions are of: ${others.join(', ')}`
      : 'none of its pending revisions says which phase it is',
    `write them: lockkeeper phases new; or put "# lockkeeper: phase expand of ${change}" into the files`,
    'or name the release that has them in the change file: release: NAME',
  ]);

/** A backfill is part of the change, and nothing says of what. */
export const changeWithoutFilling = (change: string, looked: readonly string[]) =>
  problem(
    'change-without-filling',
    `the settings of the backfill of ${change} were not found`,
    [
      'name them in the change file: backfill: {settings: {table: …, set: {…}}}',
      'or say that there is none: backfill: {none: true}',
    ],
    `looked for ${looked.join(', ')}`,
  );

/** Its files, the running release or the database are not what they were. */
export const phaseMoved = (change: string, phase: string, found: readonly string[]) =>
  problem(
    'phase-moved',
    `${phase} of ${change} does not begin: something is otherwise than when the change began`,
    ['look at it; `lockkeeper phases go` takes it as it is where that can be, `back` or `abandon` give way'],
    found.join('; '),
  );

/** A change under way has its run already. */
export const phasesRun = (target: string, change: string) =>
  problem('phases-run', `the change ${change} of ${target} is under way already`, [
    `see it: lockkeeper phases status ${target} ${change}`,
  ]);

export const noPhases = (target: string, change: string, others: readonly string[]) =>
  problem('no-phases', `there is no run of a change ${change} of ${target}`, [
    others.length ? `known are: ${others.join(', ')}` : `none was ever started for ${target}`,
    `begin it: lockkeeper phases start ${target} --change ${change}`,
  ]);

/** It ended before it began. */
export const phasesFailed = (
  change: string,
  failure: { code: string; what: string; why?: string; next: readonly string[] },
) =>
  problem(
    failure.code,
    `the change ${change} can not begin: ${failure.what}`,
    failure.next,
    ...(failure.why ? [failure.why] : []),
  );

/** The settings would leave the site open for it. Nothing was changed: it was rehearsed on a copy. */
export const contractNeedsClosure = (target: string, why: readonly string[]) =>
  new Problem('contract-needs-closure', {
    what: `the contract of ${target} cannot run while the site is open; the database itself is untouched`,
    why: why.join('; ').slice(0, 500),
    next: [
      'if it loses values, say go again: what the rehearsal has measured is in the next plan, which closes the site and has keepsakes',
      'or correct the downgrade of its revisions',
      `or close the site for it: targets.${target}.phases.contract: closed`,
    ],
    retry: false,
  });
