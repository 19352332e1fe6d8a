import type { PlannedKeepsake } from '../domain/keepsake.js';
import type { Coverage, Finding, HeldThrough, Plan, PlanContent } from '../domain/plan.js';
import { gateSettingsFor } from '../domain/gate-settings.js';
import { procedures, riskOf } from '../domain/verdict.js';
import { findingsAtEnd } from '../rules/at-end.js';
import { check } from '../rules/check.js';
import dataChanged from '../rules/data-changed-by-code.js';
import notAnalysable from '../rules/not-analysable.js';
import { alembicRun, followEnd, followRevision } from '../rules/transaction-run.js';
import { emptySchema, forget } from '../schema/empty.js';
import { committed } from '../schema/types.js';
import type { Parsed } from '../sql/parse.js';
import { parse } from '../sql/parse.js';
import { allowedIn } from './allow.js';
import { raised } from '../rules/policy.js';
import { planHashOf } from './canonical.js';
import { whyNotAutomatic } from './automatic.js';
import type { PendingRevision, PlanFacts } from './facts.js';
import { pendingOf } from './facts.js';
import { goneIn } from './gone.js';
import { heldThrough } from './held-through.js';
import { keepsakesOf } from './keepsakes.js';
import { linesOf, staysOnline } from './online-contract.js';
import { findingsOnProject } from './project.js';
import { findingsOnUse, phaseOf, phasesOf } from './phase.js';
import { placesOf } from './places.js';
import { rollbackLines } from './rollback.js';
import type { Parts } from './unsure.js';
import { partsOf, unsureOf } from './unsure.js';
import { findingsOnWayBack } from './way-back.js';

export type { PlanFacts } from './facts.js';

/** SQL is read here, at the edge; all that follows from it is computed in `planOf`. */
export async function buildPlan(facts: PlanFacts): Promise<Plan> {
  const read: ReadRevision[] = [];
  for (const revision of facts.revisions)
    read.push({
      revision: pendingOf(revision),
      up: revision.upSql === null ? null : await parse(revision.upSql),
      parts: await partsOf(revision),
      down: revision.downSql === null ? null : await parse(revision.downSql),
    });
  return planOf(facts, read);
}

interface ReadRevision {
  revision: PendingRevision;
  up: readonly Parsed[] | null;
  /** What is certain of it, where it cannot be rendered as a whole. */
  parts: Parts | null;
  down: readonly Parsed[] | null;
}

function planOf(facts: PlanFacts, read: readonly ReadRevision[]): Plan {
  const { target, release, running, from, to, settings, standing, versionTable, transactionPerMigration } =
    facts;
  const { judged: judgedAlone, held } = judge(read, facts);
  const { phase, phases, judged: plain } = withPhases(judgedAlone, read, facts);
  const { policy } = facts;
  const judged = plain.map(({ findings: found, ...one }) => ({
    ...one,
    findings: allowedIn(
      one.revision,
      found.map((each) => raised(each, policy)),
      policy?.own,
    ),
  }));
  const revisions = judged.map(({ revision, findings }, at) => ({
    ...revision,
    risk: riskOf(findings),
    phase: phases[at] ?? 'contract',
  }));
  const findings = [
    ...judged.flatMap((one) => one.findings),
    ...findingsOnProject(facts).map((each) => raised(each, policy)),
    ...(facts.rehearsed ?? []),
  ];
  const coverage = judged.reduce((sum, one) => plus(sum, one.coverage), { analysed: 0, total: 0 });
  const risk = riskOf(findings);
  const notAutomatic = risk === 'low' ? whyNotAutomatic(coverage, read, facts, findings) : [];
  const online = staysOnline(facts, risk, findings);
  const keepsakes = risk === 'very-high' && !online ? keepsakesIn(facts, read, findings) : [];
  const content: PlanContent = {
    ...{ formatVersion: 1, target, release, running, from, to, revisions, findings, coverage, risk },
    procedure: revisions.length === 0 ? 'deploy-only' : online ? 'online-contract' : procedures[risk],
    rollback: linesOf(online, rollbackLines(running, risk, read, versionTable.name, keepsakes)),
    ...{ settings, standing, versionTable, transactionPerMigration, rehearsal: null },
    ...{ heldThrough: held, phase, ...filesOf(facts), ...(keepsakes.length ? { keepsakes } : {}) },
    ...(facts.stallBudgets ? { stallBudgetMs: facts.stallBudgets[online ? 'medium' : risk] } : {}),
    gate: gateSettingsFor(risk, target, facts.approval, facts.windows, notAutomatic),
  };
  return { ...content, planHash: planHashOf(content) };
}

const filesOf = ({
  images,
  composeFiles,
  ownRules,
  upTo,
  heldBack,
}: PlanFacts): Pick<PlanContent, 'images' | 'composeFiles' | 'ownRules' | 'upTo' | 'heldBack'> => ({
  ...(images ? { images } : {}),
  ...(composeFiles ? { composeFiles } : {}),
  ...(ownRules?.length ? { ownRules } : {}),
  ...(upTo ? { upTo } : {}),
  ...(heldBack?.length ? { heldBack } : {}),
});

/** Where the database was not asked, nobody knows what could be kept. */
function keepsakesIn(
  { keepable, schema, postgres, versionTable }: PlanFacts,
  read: readonly ReadRevision[],
  findings: readonly Finding[],
): PlannedKeepsake[] {
  if (!keepable) return [];
  const before = schema ? structuredClone(schema) : emptySchema(postgres);
  const ups = read.map(({ revision, up, parts }) => ({
    revision: revision.revision,
    up: up ?? parts?.certain ?? [],
  }));
  const sql = ups.flatMap(({ up }) => up.map(({ text }) => text));
  return keepsakesOf(goneIn(ups, before, versionTable.name), keepable, findings, sql);
}

const plus = (a: Coverage, b: Coverage): Coverage => ({
  analysed: a.analysed + b.analysed,
  total: a.total + b.total,
});

/** Beside each revision's findings those of what the running release still uses. */
function withPhases(
  judged: readonly Judged[],
  read: readonly ReadRevision[],
  { mentions, running }: PlanFacts,
) {
  const phases = phasesOf(
    read.map(({ revision, up, parts }) => ({ revision, up: up ?? parts?.certain ?? null })),
  );
  const phase = phaseOf(phases, mentions ?? null);
  return {
    phase,
    phases: phases.map((one) => one.phase),
    judged: judged.map((one) => ({
      ...one,
      findings: [...one.findings, ...findingsOnUse(one.revision, phase.steps, running)],
    })),
  };
}

interface Judged {
  revision: PendingRevision;
  findings: readonly Finding[];
  coverage: Coverage;
}

/** One after the other: what a revision makes is new for those after it, and locks may be held until the end. */
function judge(read: readonly ReadRevision[], facts: PlanFacts): { judged: Judged[]; held: HeldThrough[] } {
  const { versionTable, postgres, transactionPerMigration } = facts;
  const of = {
    linesOfFile: false,
    versionTable: versionTable.name,
    ...(postgres === undefined ? {} : { postgres }),
    ...(facts.policy ? { policy: facts.policy } : {}),
  };
  // Each statement changes it.
  const schema = facts.schema ? structuredClone(facts.schema) : emptySchema(postgres);
  const run = alembicRun(transactionPerMigration);
  const judged = read.map(({ revision, up, parts, down }) => {
    followRevision(run, revision.revision);
    if (transactionPerMigration) committed(schema);
    const source = { ...of, file: revision.file, revision: revision.revision, ...placesOf(revision) };
    const checked = check(up ?? parts?.certain ?? [], source, schema, run);
    const unsure = unsureOf(revision, parts, (parsed) => check(parsed, source, schema, run).findings);
    const back = findingsOnWayBack(
      revision,
      up ?? parts?.certain ?? [],
      unsure.length > 0 ? null : down,
      versionTable.name,
      schema,
    );
    if (unsure.length === 0) return { revision, ...checked, findings: [...checked.findings, ...back] };
    // What was made before may be gone again, and what was rendered may not be all.
    forget(schema, `revision ${revision.revision}, of which not all is known`);
    const steps = unsure.filter(({ rule }) => rule === notAnalysable.id || rule === dataChanged.id).length;
    return {
      revision,
      findings: [...unsure, ...checked.findings, ...back],
      coverage: plus(checked.coverage, { analysed: 0, total: steps }),
    };
  });
  followEnd(run);
  const late = findingsAtEnd(run, schema);
  const withLate = (one: Judged): Judged => ({
    ...one,
    findings: [...one.findings, ...late.filter(({ revision }) => revision === one.revision.revision)],
  });
  return { judged: judged.map(withLate), held: heldThrough(run) };
}
