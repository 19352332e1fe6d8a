import { Problem } from '../domain/problem.js';
import { sqlNotReadable } from '../domain/problems/check.js';
import type { FileVerdict } from '../domain/verdict.js';
import { judgeFile, type JudgeOptions } from './judge.js';

/**
 * Judges files, each by itself, in the order given. In one thread: a second one costs more than it saves below some
 * ten thousand files, as it loads the parser and all rules once more.
 *
 * @throws Problem `sql-not-readable` naming all that cannot be read; `own-rule-failed`
 */
export async function judgeAll(
  files: readonly string[],
  options: JudgeOptions,
): Promise<readonly FileVerdict[]> {
  const faults: string[] = [];
  const judged: FileVerdict[] = [];
  for (const file of files)
    try {
      judged.push(await judgeFile(file, options));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (error instanceof Problem || code === undefined) throw error;
      faults.push(`${file}: ${message}`);
    }
  if (faults.length) throw sqlNotReadable(faults);
  return judged;
}
