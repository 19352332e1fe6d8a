import { fingerprint, fingerprintDifference } from '../adapters/postgres/fingerprint.js';
import { revisions } from '../adapters/postgres/revisions.js';
import { withClient } from '../adapters/postgres/client.js';
import { readManifest } from '../adapters/backup/files.js';
import { verificationFailed } from '../domain/problems/commands.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { count } from '../domain/units.js';
import type { Home, Target } from './home.js';
import { readRestorePlan, readSchema } from './plans.js';
import { otherThanKnown } from './restore-known.js';
import { sameRevisions, sessionName } from './standing.js';
import { ownChecks } from './verify.js';
import type { Work } from './work.js';

/**
 * Proves that the live database is what was backed up: revisions and schema are those of the manifest (its rows
 * were compared when the copy was made). The target's own checks are those of the schema that it had before: they
 * are made where that is the same, except those that compare with before.
 *
 * @throws Problem `verification-failed`
 */
export async function verifyRestored(home: Home, input: StepInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readRestorePlan(target.config.state, input.planHash);
  const manifest = plan.backup ? await readManifest(plan.backup.manifest) : undefined;
  const { versionTable, restored } = plan;
  const ignore = manifest?.ignore ?? target.settings.ignore;
  const session = { applicationName: sessionName(target.name, 'verify', input.runId), signal: work.signal };
  const now = await withClient(target.url(), session, async (client) => ({
    revisions: await revisions(client, versionTable),
    ...(await fingerprint(client, { versionTable, ignore })),
  }));
  const at = `at ${now.revisions.join(', ') || 'base'}`;
  const failed = sameRevisions(now.revisions, restored.revisions) ? [] : [`the database is ${at}`];
  if (now.hash !== restored.fingerprint) {
    const other = plan.backup ? await otherThanKnown(target, plan.backup, session) : undefined;
    failed.push(...(other ?? (await differences(target, restored.fingerprint, now))));
  }
  if (failed.length) throw verificationFailed(failed);

  const same = plan.standing.fingerprint === restored.fingerprint;
  const checks = target.settings.verify.filter(({ unchanged }) => same && !unchanged);
  await ownChecks(target, checks, { ...input, marks: { measured: [], note: '' } }, work);
  const left = target.settings.verify.length - checks.length;
  return {
    note: [
      `${at}, the schema of the backup`,
      ...(checks.length ? [`${count(checks.length, 'check')} passed`] : []),
      ...(left ? [`${count(left, 'check')} left out: of another schema, or against before`] : []),
    ].join('; '),
  };
}

async function differences(target: Target, hash: string, now: { lines: string[] }): Promise<string[]> {
  const { missing, added } = fingerprintDifference(
    { lines: await readSchema(target.config.state, hash) },
    now,
  );
  return [
    'the schema is not that of the backup',
    ...missing.slice(0, 5).map((line) => `missing: ${line}`),
    ...added.slice(0, 5).map((line) => `left over: ${line}`),
  ];
}
