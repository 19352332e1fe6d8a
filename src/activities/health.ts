import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../adapters/http.js';
import { unhealthy } from '../domain/problems/commands.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { duration } from '../domain/units.js';
import { assertStands, schemaNote } from './before-start.js';
import type { Home, Target } from './home.js';
import { settingsNote } from './plan-settings.js';
import { readPlan } from './plans.js';
import type { Work } from './work.js';

const ASK_EVERY_MS = 500;

/**
 * Waits until the application is healthy: it answers 200, and its JSON has the fields that the target expects.
 *
 * @throws Problem `unhealthy` with the last answer, `release-migrates`
 */
export async function health(home: Home, input: StepInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const release = input.direction === 'back' ? plan.running : plan.release;
  if (input.direction === 'back') return untilHealthy(target, release, work);
  const start = { target, plan, input, work };
  const { note } = await untilHealthy(target, release, work).catch(async (error: unknown) => {
    await assertStands(start); // one that migrates by itself may never become healthy: then that is why
    throw error;
  });
  // Some migrate only once they are up.
  return { note: `${note}${await schemaNote(start)}${settingsNote(plan, target)}` };
}

/** The same, for `lockkeeper health` and its script, which know of no plan. */
export async function untilHealthy(target: Target, release: string | null, work: Work): Promise<Noted> {
  const { health } = target.settings;
  if (!health) return { note: 'the target has no health check' };
  const began = Date.now();
  for (;;) {
    const fault = await whatIsWrong(health.url, expected(health.expect, release), work.signal);
    const took = Date.now() - began;
    if (fault === null) return { note: `${health.url} is healthy after ${duration(took)}` };
    if (took > health.deadlineSeconds * 1000) throw unhealthy(health.url, health.deadlineSeconds, fault);
    work.progress(fault);
    await sleep(ASK_EVERY_MS, undefined, { signal: work.signal });
  }
}

/**
 * Whether the site was ill before anything was begun: what follows is then not the new release's doing, and going back
 * will not mend it. It stops nothing, because a release may be what mends it.
 *
 * @returns words to put behind others; empty where it is well, or nothing runs yet
 */
export async function illNote({ settings: { health } }: Target, running: string | null, signal: AbortSignal) {
  if (!health || running === null) return '';
  const fault = await whatIsWrong(health.url, expected(health.expect, running), signal);
  return fault === null ? '' : `; NOT HEALTHY ALREADY, BEFORE THIS RUN: ${health.url}: ${fault}`;
}

/** {release} in what is expected; a field that only the release's name could fill is not asked for without one. */
export const expected = (
  fields: Readonly<Record<string, string>>,
  release: string | null,
): [string, string][] =>
  Object.entries(fields).flatMap(([field, value]): [string, string][] => {
    if (!value.includes('{release}')) return [[field, value]];
    return release === null ? [] : [[field, value.replaceAll('{release}', release)]];
  });

/** Asks once. @returns what its answer lacks, in words; null: nothing */
export async function whatIsWrong(
  url: string,
  fields: readonly [string, string][],
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await ask(url, signal);
  if (typeof answer === 'string') return answer;
  if (answer.status !== 200) return `it answered ${answer.status}: ${answer.body.slice(0, 200)}`;
  if (!fields.length) return null;
  const body = asObject(answer.body);
  if (!body) return `it answered no JSON object: ${answer.body.slice(0, 200)}`;
  const wrong = fields.find(([field, value]) => String(body[field]) !== value);
  return wrong ? `its ${wrong[0]} is ${String(body[wrong[0]])}, not ${wrong[1]}` : null;
}

function asObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
