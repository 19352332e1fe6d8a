import { imageNamed } from '../../adapters/compose/images.js';
import { Problem } from '../../domain/problem.js';
import { imageOfBeforeGone } from '../../domain/problems/images.js';
import type { Plan } from '../../domain/plan.js';
import type { Move } from '../../domain/rollback.js';
import type { Target } from '../home.js';
import { plansOf } from '../plans.js';
import type { Work } from '../work.js';
import { wantedImages } from './start.js';
import { composeOf, placeOf } from './target.js';

/** The deploys that a rollback takes back, and all that are recorded; the newest first. */
export interface Back {
  deploys: readonly [Plan, ...Plan[]];
  all: readonly Move[];
}

/**
 * Tells before anything is changed that what ran before a deploy is not there any more: from where it may be had again, and
 * what else there is to go back to.
 *
 * @throws Problem `image-gone`, `image-missing`
 */
export async function assertImagesBack(
  target: Target,
  { deploys, all }: Back,
  { signal }: Pick<Work, 'signal'>,
): Promise<void> {
  const of = await composeOf(target, signal);
  if (!of) return;
  const plan = deploys.at(-1)!;
  try {
    await wantedImages(of, { target, plan, back: true });
  } catch (error) {
    const gone = error instanceof Problem && error.code === 'image-gone' && (await goneOf(target, plan));
    if (!gone) throw error;
    const digest = await digestOf(target, gone.id, all);
    throw imageOfBeforeGone(target.name, { ...gone, digest }, await othersThere(target, deploys));
  }
}

async function goneOf(target: Target, { images = [] }: Plan) {
  for (const { reference, running: id } of images)
    if (id !== null && !(await imageNamed(placeOf(target), id))) return { reference, id };
  return null;
}

/** As the deploy that brought it knew it. */
async function digestOf({ config }: Target, id: string, all: readonly Move[]): Promise<string | null> {
  const images = (await plansOf(config.state, all)).flatMap((plan) => plan.images ?? []);
  return images.find((each) => each.id === id && each.digest !== null)?.digest ?? null;
}

/** Of the releases that ran between, the newest first, those whose images are all here. */
async function othersThere(target: Target, deploys: readonly Plan[]): Promise<string[]> {
  const found = deploys.slice(0, -1).map(async ({ running, images = [] }) => {
    const there = images.map(
      async (each) => each.running && (await imageNamed(placeOf(target), each.running)),
    );
    return running !== null && (await Promise.all(there)).every(Boolean) ? [running] : [];
  });
  return [...new Set((await Promise.all(found)).flat())];
}
