import { setTimeout as sleep } from 'node:timers/promises';
import { containersWith, type Container } from './containers.js';
import { docker, type Place } from './docker.js';

/** `function`: no Alembic runs in it, and no migration waits for it or ends it. */
export type BridgeRole = 'bridge' | 'function';

/** Labels of the containers in which Alembic is driven: by them whoever comes later finds what was left. */
export const bridgeLabels = (
  target: string,
  attempt: string,
  role: BridgeRole = 'bridge',
): Record<string, string> => ({
  'lockkeeper.role': role,
  'lockkeeper.target': target,
  'lockkeeper.attempt': attempt,
});

/** @param attempt - that one, whatever it does; absent: all in which Alembic is driven */
export const bridgesOf = async (place: Place, target: string, attempt?: string): Promise<Container[]> => {
  const {
    'lockkeeper.role': role,
    'lockkeeper.attempt': of,
    ...labels
  } = bridgeLabels(target, attempt ?? '');
  const all = await containersWith(place, {
    ...labels,
    ...(attempt === undefined ? { 'lockkeeper.role': role ?? '' } : { 'lockkeeper.attempt': of ?? '' }),
  });
  return all.filter(({ status }) => status === 'running' || status === 'paused' || status === 'restarting');
};

const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 200;

/**
 * Kills them: a client that is gone leaves its container at work. What it has not committed is rolled back by the
 * server.
 *
 * @returns names of those that are there still
 */
export async function endBridges(place: Place, target: string, attempt?: string): Promise<string[]> {
  const until = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const left = await bridgesOf(place, target, attempt);
    if (!left.length) return [];
    if (performance.now() > until) return left.map(({ name }) => name);
    // One that has ended by itself meanwhile cannot be killed.
    for (const { id } of left) await docker(place, ['kill', id]).catch(() => undefined);
    await sleep(LOOK_EVERY_MS);
  }
}
