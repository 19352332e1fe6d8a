import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { handOf } from '../domain/closure.js';
import type { EmergencyFact } from '../domain/emergency.js';
import type { Target } from './home.js';

const pathOf = ({ config, name }: Target): string =>
  join(config.state, 'logs', handOf(name, '').runId, 'emergency.jsonl');

/** Writes down what a person did in an emergency. Never in the way of it. */
export async function noteEmergency(target: Target, fact: Omit<EmergencyFact, 'at'>): Promise<void> {
  const line = target.mask(JSON.stringify({ at: new Date().toISOString(), ...fact }));
  try {
    await mkdir(dirname(pathOf(target)), { recursive: true, mode: 0o700 });
    await appendFile(pathOf(target), `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk must not keep anybody from stopping the application.
  }
}

/** What people did in emergencies of a target, in order. */
export async function emergencyFacts(target: Target): Promise<EmergencyFact[]> {
  return (await readFile(pathOf(target), 'utf8').catch(() => '')).split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as EmergencyFact];
    } catch {
      return []; // cut off
    }
  });
}
