import type { Backup } from '../domain/backup.js';
import { conclusionOf } from '../domain/conclusion.js';
import { forecastOf, provedBackup } from '../domain/forecast.js';
import { gateSettingsFor } from '../domain/gate-settings.js';
import type { Finding, PlanSummary } from '../domain/plan.js';
import { contractNeedsClosure } from '../domain/problems/phased-run.js';
import { riskRose } from '../domain/problems/rehearsal.js';
import { atLeast, gravestFirst, type Risk } from '../domain/risk.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { findingsOfCells } from '../plan/cell-findings.js';
import { concluded } from '../plan/conclude.js';
import { whyNotOnline } from '../plan/online-contract.js';
import { readRehearsal } from '../plan/rehearsed.js';
import { summarise } from '../plan/summary.js';
import type { Home, Target } from './home.js';
import { windowNote } from './plan-age.js';
import { keepPlan, readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { rehearse } from './rehearse.js';
import { keepSurprises } from './surprises.js';
import type { Work } from './work.js';

/**
 * Rehearses the plan on a copy made from the backup, and makes it final: what the rehearsal showed becomes part
 * of the plan, and so of the hash that people approve. What it measured goes beside the plan, which is as old as
 * what was checked.
 *
 * @throws Problem `risk-rose`, `contract-needs-closure`, `no-window`, `window-too-late`, those of `rehearse`
 */
export async function rehearsePlan(
  home: Home,
  input: StepInput & { backup: Backup },
  work: Work,
): Promise<PlanSummary & Noted> {
  const target = home.target(input.target);
  const { state } = target.config;
  const { note, seen, ...rehearsal } = await rehearse(home, input, work);
  const checked = await readPlan(state, input.planHash);
  const { surprises, read } = await readRehearsal(checked, seen);
  await keepSurprises(state, target.name, checked.revisions, surprises);
  const conclusion = conclusionOf(rehearsal);
  const ofReleases = conclusion.cells ? findingsOfCells(checked, conclusion.cells) : [];
  if (conclusion.cells) await keepSurprises(state, target.name, checked.revisions, ofReleases, checked);
  const found = [...surprises, ...ofReleases];
  const shown = { conclusion, surprises: found, read, gateFor: gateFor(target, checked.risk) };
  const plan = concluded(checked, shown);
  if (plan.risk !== checked.risk && atLeast(plan.risk, checked.risk))
    throw riskRose(checked.risk, plan.risk, linesOf(found, checked.risk));
  const lost = plan.procedure === 'online-contract' ? whyNotOnline(conclusion) : [];
  if (lost.length) throw contractNeedsClosure(target.name, lost);
  await keepPlan(state, plan);
  const records = await recordsOf(state, target.name);
  // People are asked next: what cannot run in time is told before they are.
  const opens = windowNote(target, plan.risk, input);
  const { madeAt } = input;
  return {
    ...summarise(plan),
    ...(madeAt === undefined ? {} : { madeAt }),
    backup: provedBackup(input.backup),
    forecast: forecastOf(plan.procedure, rehearsal, input.backup, records),
    note: `${note}${opens}`,
  };
}

/** A plan keeps its steps: where one risk waits for a window and the other does not, it stays as it was checked. */
const gateFor =
  ({ name, settings: { approval, windows } }: Target, was: Risk) =>
  (risk: Risk) =>
    windows[risk].length > 0 === windows[was].length > 0
      ? gateSettingsFor(risk, name, approval, windows)
      : undefined;

const SHOWN = 5;

/** Those that are graver than the plan was. */
const linesOf = (surprises: readonly Finding[], was: Risk): string[] =>
  gravestFirst(surprises)
    .filter(({ risk }) => !atLeast(was, risk))
    .slice(0, SHOWN)
    .map(({ revision, message, rule }) => `${revision ? `${revision}: ` : ''}${message} (${rule})`);
