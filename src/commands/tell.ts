import { CommanderError } from 'commander';
import { exitCodes } from '../domain/exit-codes.js';
import { Problem } from '../domain/problem.js';
import { problemJson, problemText } from '../report/problem.js';

/** Codes of problems that happen while a command works, and not because it was used wrongly. */
const NOT_WRONG_USE =
  /^(unhealthy|command-failed|command-too-long|message-refused|not-running|no-record|server-|demo-)/;

/**
 * Tells why a command ended: a Problem in full, anything else in one line and never as a stack trace
 * (LOCKKEEPER_TRACE=1 shows it).
 *
 * @returns the exit code
 */
export function tell(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUse;
  if (error instanceof Problem) {
    if (json) console.log(JSON.stringify(problemJson(error), null, 2));
    else console.error(problemText(error));
    return NOT_WRONG_USE.test(error.code) ? exitCodes.failed : exitCodes.wrongUse;
  }
  if ((error as Error).name === 'Interrupted') {
    console.error('interrupted; nothing was changed');
    return exitCodes.interrupted;
  }
  if (process.env['LOCKKEEPER_TRACE']) console.error(error);
  const words = error instanceof Error ? error.message : String(error);
  if (json) console.log(JSON.stringify({ schemaVersion: 1, error: { code: 'unforeseen', what: words } }));
  else
    console.error(
      `error: something that nobody foresaw: ${words}\n  next   1. run it again with LOCKKEEPER_TRACE=1 and report what it prints`,
    );
  return exitCodes.failed;
}
