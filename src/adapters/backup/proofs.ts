import { open, readFile } from 'node:fs/promises';
import type { Backup, Proof } from '../../domain/backup.js';
import { Problem } from '../../domain/problem.js';

const proofOf = (manifest: string): string => manifest.replace(/\.json$/, '.proved');

/** Writes down beside a backup that it was tried, and what came of it. Only ever added to: older lines stay. */
export async function noteProof({ manifest }: Pick<Backup, 'manifest'>, proof: Proof): Promise<void> {
  const file = await open(proofOf(manifest), 'a', 0o600);
  try {
    // A line that a full disk or a crash cut short must not swallow this one.
    await file.writeFile(`\n${JSON.stringify(proof)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Each time that a backup was tried, the oldest first. Lines that were cut short are left out. */
export async function proofsOf({ manifest }: Pick<Backup, 'manifest'>): Promise<Proof[]> {
  const text = await readFile(proofOf(manifest), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => proofIn(line.trim()));
}

function proofIn(line: string): Proof[] {
  // The first versions wrote down nothing but the time of the last restore.
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(line)) return [{ level: 'L3', at: line, run: '', ms: 0 }];
  try {
    return line ? [JSON.parse(line) as Proof] : [];
  } catch {
    return [];
  }
}

/** What says that the backup itself is no good, and not that trying it did not go well. */
const SPEAK_AGAINST = new Set([
  'backup-damaged',
  'unreadable-backup',
  'restore-failed',
  'not-as-backup',
  'verification-failed',
]);

/** What a failed try says of the backup; undefined: nothing. */
export const whyNoGood = (error: unknown): string | undefined =>
  error instanceof Problem && SPEAK_AGAINST.has(error.code) ? error.message : undefined;

/**
 * Tries a backup, and writes down what came of it.
 *
 * @param says - what is written besides of a try that went well
 * @param unwritten - what becomes of a note that cannot be written then; default: it fails
 * @returns what the try came to, and how long it took in milliseconds
 */
export async function notingProof<T>(
  backup: Pick<Backup, 'manifest'>,
  about: Pick<Proof, 'level' | 'run'>,
  act: () => Promise<T>,
  says: (result: T) => Pick<Proof, 'restoreMs' | 'notes'>,
  unwritten: (error: unknown) => void = (error) => {
    throw error;
  },
): Promise<{ result: T; ms: number }> {
  const began = performance.now();
  const elapsed = () => Math.round(performance.now() - began);
  const note = (more: Pick<Proof, 'restoreMs' | 'notes' | 'failed'>) =>
    noteProof(backup, { ...about, at: new Date().toISOString(), ms: elapsed(), ...more });
  let result: T;
  try {
    result = await act();
  } catch (error) {
    const failed = whyNoGood(error);
    if (failed) await note({ failed }).catch(() => undefined); // what failed first is told
    throw error;
  }
  await note(says(result)).catch(unwritten);
  return { result, ms: elapsed() };
}
