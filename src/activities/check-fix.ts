import { seenAtText, type FixSummary } from '../domain/emergency.js';
import type { Way } from '../domain/left-to-do.js';
import { nothingToFix, onlyARestore, restoreToFix } from '../domain/problems/by-hand.js';
import { closesSite, type Plan } from '../domain/plan.js';
import { isRestorePlan } from '../domain/restore.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { summarise } from '../plan/summary.js';
import { closureOf } from './closures.js';
import { letGoOn } from './by-hand-mark.js';
import { handOf, isOpen } from './hand.js';
import type { Home } from './home.js';
import { markFound } from './left-behind.js';
import { seenAt } from './look.js';
import type { Work } from './work.js';

/**
 * Finds the run that came to no end, and where it has left the database. Changes nothing but its mark: a person
 * has done by hand what they wanted to.
 *
 * @throws Problem `nothing-to-fix`, `restore-to-fix`, `only-a-restore`; those of `withClient`
 */
export async function checkFix(
  home: Home,
  input: RunInput & { way: Way },
  { signal }: Work,
): Promise<FixSummary & Noted> {
  const target = home.target(input.target);
  const hand = await handOf(target);
  const { plan } = hand ?? {};
  if (!hand || !plan || !isOpen(hand)) throw nothingToFix(target.name);
  if (isRestorePlan(plan)) throw restoreToFix(target.name, hand.stood.runId);
  const seen = await seenAt(target, plan, signal);
  if (input.way === 'put-back' && seen.found !== 'old' && losesByDowngrade(plan))
    throw onlyARestore(target.name, seenAtText(seen));
  await letGoOn(target, hand.stood.runId);
  if (!hand.stood.ended) await markFound(target.config.state, hand.stood.runId, input.runId);
  const site = await closureOf(target, Date.now());
  const siteClosed = site?.flag.is === 'closure' && site.flag.closure.kind === 'run';
  const note = `run ${hand.stood.runId} stands ${hand.stood.says}; ${seenAtText(seen)}`;
  return { plan: summarise(plan), found: seen.found, siteClosed, note };
}

const losesByDowngrade = ({ risk, procedure }: Plan): boolean =>
  risk === 'very-high' && closesSite(procedure);
