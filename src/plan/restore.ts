import { createHash } from 'node:crypto';
import { sourceText, type RestoreContent, type RestorePlan, type RestoreSummary } from '../domain/restore.js';
import { canonical } from './canonical.js';
import { NAME_CHARS, names, SENTENCE_CHARS, SENTENCES, short } from './summary.js';

/** @returns the plan of a restore, under the hash of all that it says */
export const restorePlan = (content: RestoreContent): RestorePlan => ({
  ...content,
  planHash: createHash('sha256').update(canonical(content)).digest('hex'),
});

/**
 * What travels through Temporal in place of the plan, in the shape of every plan's summary: what a restore loses
 * stands where other plans have their findings.
 *
 * @param proved - what came of restoring the backup beside; null before that
 */
export function summariseRestore(plan: RestorePlan, proved: string | null): RestoreSummary {
  const { planHash, target, running, risk, gate, from, to } = plan;
  const losses = plan.losses.slice(0, SENTENCES - 5);
  const more = plan.losses.length - losses.length;
  return {
    ...{ planHash, target: short(target, NAME_CHARS), risk, gate },
    release: short(plan.release ?? 'not known', NAME_CHARS),
    running: running === null ? null : short(running, NAME_CHARS),
    ...{ from: names(from), to: names(to), revisions: 0, coverage: { analysed: 0, total: 0 } },
    procedure: risk === 'very-high' ? 'very-high-risk' : 'high-risk',
    rehearsed: proved,
    findings: [
      ...warnings(plan),
      ...losses,
      ...(more > 0 ? [`and ${more} more: lockkeeper approve ${target} --json`] : []),
    ].map((line) => short(line, SENTENCE_CHARS)),
    rollback: wayBack(plan).map((line) => short(line, SENTENCE_CHARS)),
    fingerprint: short(plan.restored.fingerprint, NAME_CHARS),
    closes: plan.site !== 'not closed',
    deploys: plan.deploys,
  };
}

function warnings(plan: RestorePlan): string[] {
  const { losses, lost, site, untilClosed, only } = plan;
  const what = sourceText(plan);
  const closed = site === 'not closed' ? 'the databases are swapped' : 'the site is closed';
  if (only)
    return [losses.length ? `this is written into the live database:` : `${only.join(', ')}: as in ${what}`];
  return [
    losses.length
      ? `what was written since, and is not in ${what}:`
      : `nothing was written since that is not in ${what}: nothing is lost`,
    ...(untilClosed && site !== 'closed by hand'
      ? [`everything that is written until ${closed} is lost, too`]
      : []),
    ...(lost && !lost.exact ? ['not all of it can be told to the row'] : []),
    ...otherRelease(plan),
    ...(site === 'not closed'
      ? ['the site is not closed: sessions are ended, and requests fail for a moment']
      : []),
  ];
}

/** The application that runs afterwards may not be the one that knows this schema. */
function otherRelease({ taken, running, deploys, to }: RestorePlan): string[] {
  const stays = `${running ?? 'what runs now'} stays, on the schema of ${to.join(', ') || 'base'}`;
  if (taken === null) return [`which release belongs to it is NOT KNOWN: ${stays}`];
  if (deploys || taken === running) return [];
  return [`release ${taken} belongs to it, and nothing says how to start it (deploy.commands): ${stays}`];
}

function wayBack({ keepAs, keptDays, database, lost, target, only }: RestorePlan): string[] {
  const kept = lost?.rows
    ? [
        `write these rows into files first: lockkeeper restore apply ${target} --lost ${lost.id} puts them back`,
      ]
    : [];
  if (only) return kept;
  return [
    ...kept,
    `keep the database ${database.name} of now as ${keepAs}, closed, for ${keptDays} days: lockkeeper restore ${target} --undo`,
    'keep a backup of it besides, taken right before',
  ];
}
