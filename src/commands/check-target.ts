import { join, relative } from 'node:path';
import type { Finding, Plan } from '../domain/plan.js';
import { Problem } from '../domain/problem.js';
import { orOffline } from '../domain/problems/check.js';
import { asStateProblem } from '../domain/problems/state.js';
import type { Offline } from '../domain/verdict.js';
import { fetchRelease, homeAt, planFor, proofsOf, type ChangeProof, type Target } from '../local.js';
import { checkJson } from '../report/check-json.js';
import { planMarkdown } from '../report/check-markdown.js';
import { checkText } from '../report/check.js';
import { githubText } from '../report/github.js';
import { oldCodeText } from '../report/old-code.js';
import { exitCodeFor, formatOf, type CheckOptions, type Format } from './check.js';
import type { Io } from './io.js';
import { releaseOption } from './release-option.js';
import { commandWork } from './work.js';

/** Says what a target's next release would run. Needs its database; keeps the plan in the state folder. */
export async function checkTarget(
  targetName: string | undefined,
  options: CheckOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const work = commandWork(io);
  const request = { target: target.name, runId: 'check', ...releaseOption(options) };
  const plan = await fetchRelease(homeAt(options.config), request, work)
    .then((release) => planFor(target, release, work))
    .catch((error: unknown) => {
      throw withOffline(asStateProblem(error, target.config.state), target.name);
    });
  const proofs = await proofsOf(target, plan, work);
  io.out(await shown(plan, formatOf(options), target, undefined, proofs));
  // A change without a finding is of low risk, too; where nothing is pending there is none.
  return exitCodeFor(plan.revisions.length ? [plan.risk] : [], options);
}

/** What keeps a command from the database, though the revision files are there. */
const NO_DATABASE =
  /^(missing-secret|unreadable-secret|database-(unreachable|not-ready|closed)|wrong-password|no-such-(role|database)|login-refused|encryption-failed|too-many-connections|connection-lost|alembic-cannot-connect|env-failed)$/;

const withOffline = (error: unknown, target: string): unknown =>
  error instanceof Problem && NO_DATABASE.test(error.code) ? orOffline(error, target) : error;

/**
 * @param offline - what was assumed, where the database was not asked
 * @param proofs - whether old code is left, of each change that the plan ends
 */
export async function shown(
  plan: Plan,
  format: Format,
  target: Target,
  offline?: Offline,
  proofs: readonly ChangeProof[] = [],
): Promise<string> {
  switch (format) {
    case 'text':
      return [...proofs.map((proof) => oldCodeText(proof.change, proof)), checkText(plan, offline)].join(
        '\n\n',
      );
    case 'json':
      return JSON.stringify(
        { ...checkJson(plan, offline), ...(proofs.length ? { oldCode: proofs } : {}) },
        null,
        2,
      );
    case 'markdown':
      return planMarkdown(plan, offline);
    case 'github':
      return githubText({ ...plan, findings: located(plan, target) });
    case 'sarif':
      return (await import('./check-sarif.js')).sarifOf(located(plan, target));
  }
}

/** A plan names files as Alembic's project has them; a CI wants them as its own folder has them. */
function located({ findings, release }: Plan, target: Target): Finding[] {
  const folder = relative(process.cwd(), target.projectOffline(release).cwd);
  return findings.map((finding) => ({ ...finding, file: join(folder, finding.file) }));
}
