import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import { recoveryText } from '../report/recovery.js';
import { emergencyFacts } from './emergency-log.js';
import type { Target } from './home.js';
import { recordsOf } from './records.js';

/** So long before the emergency something may have begun. */
const BEFORE_MS = 7 * 86_400_000;
const RUNS = 20;

/**
 * Writes a report of how data came back: a Markdown file in the state folder, `recoveries/<target>-<time>.md`.
 *
 * @param since - milliseconds since 1970: when the emergency began
 * @returns its path
 */
export async function writeRecovery(target: Target, since: number): Promise<string> {
  const { state } = target.config;
  const at = new Date().toISOString();
  const from = new Date(since).toISOString();
  const early = new Date(since - BEFORE_MS).toISOString();
  const all = await recordsOf(state, target.name);
  const records = all.filter(({ facts }) => (facts.at(-1)?.at ?? '') >= early).slice(0, RUNS);
  const emergency = (await emergencyFacts(target)).filter((fact) => fact.at >= from);
  const text = recoveryText({ target: target.name, at, emergency, records: records.toReversed() });
  const path = join(state, 'recoveries', `${target.name}-${at.replace(/[:.]/g, '-')}.md`);
  await writeAtomically(path, target.mask(text));
  return path;
}
