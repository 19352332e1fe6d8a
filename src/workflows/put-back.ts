import type { StepInput, Undone } from '../domain/steps.js';
import { downgrade, health, settle, startRelease } from './steps.js';

/**
 * Puts the schema back to exactly the revisions it had. What was written into the added tables and columns
 * meanwhile is not thrown away: then the schema stays, and the record says so.
 */
export async function schemaBack(input: StepInput): Promise<Undone> {
  // A migration may still run: an attempt whose worker died leaves its session behind.
  await settle(input);
  return downgrade(input);
}

/** Starts the release that ran before, and waits until it is healthy. Harmless when it never stopped. */
export async function releaseBack(input: StepInput): Promise<Undone> {
  const back = { ...input, direction: 'back' as const };
  const came = await startRelease(back);
  if (!came.left) await health(back);
  return came;
}
