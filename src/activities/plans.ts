import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import type { Plan } from '../domain/plan.js';
import type { RestorePlan } from '../domain/restore.js';
import { planMissing } from '../domain/problems/state.js';
import { canonical } from '../plan/canonical.js';

const pathOf = (state: string, planHash: string) => join(state, 'plans', `${planHash}.json`);

/** What is named by its hash is the same for ever. */
async function keepOnce(path: string, text: () => string): Promise<void> {
  if (!existsSync(path)) await writeAtomically(path, text());
}

/** Keeps a plan under its hash. Harmless twice: the same hash is the same plan. */
export async function keepPlan(state: string, plan: Plan | RestorePlan): Promise<void> {
  await keepOnce(pathOf(state, plan.planHash), () => canonical(plan));
}

/** @throws Problem `plan-missing` when the state folder does not have it */
export async function readPlan(state: string, planHash: string): Promise<Plan> {
  const path = pathOf(state, planHash);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Plan;
  } catch (error) {
    throw planMissing(planHash, path, (error as Error).message);
  }
}

/** Of deploys that are recorded; those that the state folder does not have any more are left out. */
export async function plansOf(
  state: string,
  moves: readonly { plan: { planHash: string } }[],
): Promise<Plan[]> {
  const read = moves.map(({ plan }) => readPlan(state, plan.planHash).catch(() => null));
  return (await Promise.all(read)).filter((plan) => plan !== null);
}

/** The plan of a restore lies where all plans do. @throws Problem `plan-missing` */
export const readRestorePlan = (state: string, planHash: string): Promise<RestorePlan> =>
  readPlan(state, planHash) as Promise<unknown> as Promise<RestorePlan>;

/** The schema that a fingerprint stands for, so that a difference can be named and not only seen. */
export async function keepSchema(state: string, hash: string, lines: readonly string[]): Promise<void> {
  await keepOnce(schemaPath(state, hash), () => lines.join('\n'));
}

export async function readSchema(state: string, hash: string): Promise<string[]> {
  const text = await readFile(schemaPath(state, hash), 'utf8').catch(() => '');
  return text ? text.split('\n') : [];
}

const schemaPath = (state: string, hash: string) => join(state, 'schemas', `${hash}.txt`);
