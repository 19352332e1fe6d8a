import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import { fingerprintDifference } from '../adapters/postgres/fingerprint.js';
import type { Plan, Standing } from '../domain/plan.js';
import { releaseMigrates } from '../domain/problems/commands.js';
import type { StepInput } from '../domain/steps.js';
import type { Target } from './home.js';
import { readSchema } from './plans.js';
import { revisionsOf, sameRevisions, standingOf } from './standing.js';
import type { Work } from './work.js';

/** What is needed to look at the database around a start. */
export interface Start {
  target: Target;
  plan: Plan;
  input: StepInput;
  work: Work;
}

/**
 * Keeps where the database stands before the release is started; a second attempt keeps what the first one saw,
 * because a release that was started may have moved the database since.
 */
export async function keepBeforeStart({ target, plan, input, work }: Start): Promise<void> {
  if (await beforeStart(target, input)) return;
  const { revisions, fingerprint } = await standingOf(target, plan.versionTable, work.signal);
  await writeAtomically(pathOf(target, input), JSON.stringify({ revisions, fingerprint }));
}

/**
 * A release whose image or start command runs `alembic upgrade` does what nobody has checked, approved or backed up.
 *
 * @throws Problem `release-migrates`
 */
export async function assertStands({ target, plan, input, work }: Start): Promise<void> {
  const before = await beforeStart(target, input);
  if (!before) return;
  const { revisions } = await revisionsOf(target, plan.versionTable, work.signal);
  assertSame(plan, before, revisions);
}

/**
 * The same once the release is up, and in words to put behind others what else of the schema is another than before.
 *
 * @throws Problem `release-migrates`
 */
export async function schemaNote({ target, plan, input, work }: Start): Promise<string> {
  const before = await beforeStart(target, input);
  if (!before) return '';
  const now = await standingOf(target, plan.versionTable, work.signal);
  assertSame(plan, before, now.revisions);
  if (before.fingerprint === now.fingerprint) return '';
  const lines = await readSchema(target.config.state, before.fingerprint);
  const { missing, added } = fingerprintDifference({ lines }, now);
  const changed = [...missing.map((line) => `gone: ${line}`), ...added.map((line) => `new: ${line}`)];
  const shown = changed.slice(0, SHOWN).join('; ').slice(0, SHOWN_CHARS);
  return `; THE SCHEMA CHANGED while it started, by no revision: ${shown}`;
}

/** Where the release has moved the database, in words to put behind others; nothing where it has not. */
export async function movedNote({ target, plan, input, work }: Start): Promise<string> {
  const before = await beforeStart(target, input);
  if (!before) return '';
  const { revisions } = await revisionsOf(target, plan.versionTable, work.signal);
  if (sameRevisions(before.revisions, revisions)) return '';
  const at = revisions.join(', ') || 'base';
  return `; the database is at ${at}, where release ${plan.release} moved it by itself`;
}

function assertSame({ release }: Plan, before: Standing, revisions: readonly string[]): void {
  if (!sameRevisions(before.revisions, revisions))
    throw releaseMigrates(release, before.revisions, revisions);
}

const SHOWN = 3;
const SHOWN_CHARS = 300;

const pathOf = ({ config }: Target, { runId }: StepInput): string =>
  join(config.state, 'logs', runId, 'before-deploy.json');

/** @returns null when nothing was started by this run, or by an older version */
async function beforeStart(target: Target, input: StepInput): Promise<Standing | null> {
  const text = await readFile(pathOf(target, input), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Standing);
}
