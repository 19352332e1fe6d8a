import type { RehearsalConclusion } from '../domain/conclusion.js';
import type { Finding, Plan } from '../domain/plan.js';
import { atLeast, type Risk } from '../domain/risk.js';
import { procedures, riskOf } from '../domain/verdict.js';
import { planHashOf } from './canonical.js';
import { unknownIn } from './keepsakes.js';
import type { ReadRevision } from './rehearsed.js';

/** What a rehearsal adds to a plan. */
export interface Shown {
  conclusion: RehearsalConclusion;
  /** What was measured and not expected. */
  surprises?: readonly Finding[];
  /** What the revisions sent, as the check reads it now. */
  read?: readonly ReadRevision[];
  /** Whether a plan of very high risk may become one of high risk: people and windows are the same for both, or known. */
  gateFor?: (risk: Risk) => Plan['gate'] | undefined;
}

/**
 * The plan with what its rehearsal showed: a new plan, with a hash of its own. What was measured and not expected is a
 * finding of it. What the check could not read is of high risk instead of very high, once all that it sent was read and
 * is of no higher risk.
 */
export function concluded({ planHash: _, ...content }: Plan, shown: Shown): Plan {
  const { conclusion, surprises = [], read = [], gateFor } = shown;
  const known = withRead(content.findings, read);
  const findings = [
    ...known.findings.filter((each) => !surprises.some((other) => isSame(each, other))),
    ...surprises,
  ];
  const risk = riskOf(findings);
  const gate = risk === content.risk ? content.gate : gateFor?.(risk);
  const rehearsal = conclusion;
  const lost = content.keepsakes ? unknownIn(surprises, content.keepsakes) : [];
  const keepsakes = lost.length > 0 ? { keepsakes: [...(content.keepsakes ?? []), ...lost] } : {};
  // A risk that rises ends the run: it is told, and nothing else of the plan follows.
  if (!gate || !atLeast(content.risk, risk))
    return hashed({ ...content, ...keepsakes, findings, risk: higherOf(content.risk, risk), rehearsal });
  const revisions = content.revisions.map((each) => ({
    ...each,
    risk: known.lowered.has(each.revision)
      ? riskOf(findings.filter(({ revision }) => revision === each.revision))
      : each.risk,
  }));
  const coverage = { ...content.coverage, analysed: content.coverage.analysed + known.steps };
  return hashed({
    ...content,
    ...keepsakes,
    revisions,
    findings,
    coverage,
    risk,
    procedure: content.procedure === 'online-contract' ? content.procedure : procedures[risk],
    gate,
    rehearsal,
  });
}

const hashed = (content: Omit<Plan, 'planHash'>): Plan => ({ ...content, planHash: planHashOf(content) });

const higherOf = (a: Risk, b: Risk): Risk => (atLeast(a, b) ? a : b);

/** The same surprise of another rehearsal: counts in its words may be others. */
const isSame = (a: Finding, b: Finding): boolean =>
  a.rule === b.rule &&
  a.revision === b.revision &&
  a.statement === b.statement &&
  a.relations.map(({ name }) => name).join() === b.relations.map(({ name }) => name).join();

/** Of what nobody knows before it runs. */
const UNREAD: readonly string[] = [
  'not-analysable',
  'data-changed-by-code',
  'code-block',
  'unknown-statement',
  'unreadable-sql',
];
/** Of steps that the coverage counts, and that were not rendered. */
const STEPS: readonly string[] = ['not-analysable', 'data-changed-by-code'];

function withRead(findings: readonly Finding[], read: readonly ReadRevision[]) {
  const lowered = new Set<string>();
  const added: Finding[] = [];
  let steps = 0;
  for (const one of read) {
    // What its author allows is no reason to look at what it sends: it would only be told twice.
    const unread = findings.filter(
      ({ revision, rule, risk }) =>
        revision === one.revision && UNREAD.includes(rule) && risk === 'very-high',
    );
    if (!unread.length) continue;
    const of = (rules: readonly string[]) => unread.filter(({ rule }) => rules.includes(rule)).length;
    const isKnown = (each: Finding) =>
      findings.some((other) => other.rule === each.rule && other.message === each.message);
    added.push(
      ...one.findings
        .filter((each) => !isKnown(each) && !UNREAD.includes(each.rule))
        .map((each) => ({ ...each, evidence: 'rehearsal' as const })),
    );
    if (!isHarmless(one)) continue;
    lowered.add(one.revision);
    steps += of(STEPS);
  }
  return {
    findings: [...findings.map((each) => (isLowered(each, lowered) ? lower(each, read) : each)), ...added],
    lowered,
    steps,
  };
}

const isLowered = ({ revision, rule, raised, risk }: Finding, lowered: ReadonlySet<string>): boolean =>
  revision !== undefined && lowered.has(revision) && UNREAD.includes(rule) && !raised && risk === 'very-high';

/** Still high: with other rows in production it may send other statements. */
function lower(finding: Finding, read: readonly ReadRevision[]): Finding {
  const statements = read.find(({ revision }) => revision === finding.revision)?.statements.length ?? 0;
  return {
    ...finding,
    risk: 'high',
    dataLoss: false,
    evidence: 'rehearsal',
    message: `${finding.message}; on a copy of the rows it sent ${statements} statements, all of them read and measured`,
  };
}

/** All that it sent is known, and took nothing away: neither by what the rules say, nor by what was measured. */
function isHarmless({ findings, statements }: ReadRevision): boolean {
  const grave = findings.filter(({ risk }) => risk === 'very-high');
  if (grave.some(({ rule }) => rule !== 'code-block' && rule !== 'unknown-statement')) return false;
  return grave.every(({ statement }) => {
    const sent = statements.filter(({ sql }) => sql.includes(statement) || statement.includes(sql));
    return sent.length > 0 && sent.every(({ trace }) => trace !== undefined && tookNothing(trace));
  });
}

const tookNothing = ({
  open,
  dropped,
  rows,
}: NonNullable<ReadRevision['statements'][number]['trace']>): boolean =>
  open && dropped.length === 0 && rows.every(([, , , , , updated, deleted]) => updated + deleted === 0);
