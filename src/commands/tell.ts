import { CommanderError } from 'commander';
import { exitCodes } from '../domain/exit-codes.js';
import { Problem } from '../domain/problem.js';
import { fileRefused, wrongUse } from '../domain/problems/use.js';
import { problemJson, problemText } from '../report/problem.js';

/** Codes of problems that happen while a command works, and not because it was used wrongly. */
const NOT_WRONG_USE =
  /^(unhealthy|command-failed|command-too-long|message-refused|not-running|no-record|maintenance-failed|force-needs-name|server-|demo-)/;

/** What the system says of files: https://nodejs.org/api/errors.html#common-system-errors */
const FILE_TROUBLE = /^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT|ENOTDIR|EISDIR|EMFILE|EIO|ENAMETOOLONG|ELOOP)$/;

/**
 * Tells why a command ended: a Problem in full, anything else in one line and never as a stack trace
 * (LOCKKEEPER_TRACE=1 shows it).
 *
 * @returns the exit code
 */
export function tell(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done; // --help, --version
  if (isHelp(error) && !json) return exitCodes.wrongUse; // no command was given: the help was shown
  const problem = problemFrom(error);
  if (!problem) return tellUnforeseen(error, json);
  if (json) console.log(JSON.stringify(problemJson(problem), null, 2));
  else console.error(problemText(problem));
  if (problem.code === 'interrupted') return exitCodes.interrupted;
  if (problem.code === 'ended-without-record') return exitCodes.operator;
  return NOT_WRONG_USE.test(problem.code) ? exitCodes.failed : exitCodes.wrongUse;
}

function problemFrom(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof CommanderError)
    return wrongUse(isHelp(error) ? 'no command was given' : withoutPrefix(error.message));
  const { code, path, message } = error as NodeJS.ErrnoException;
  return path && FILE_TROUBLE.test(code ?? '') ? fileRefused(path, message) : null;
}

const isHelp = (error: unknown): boolean =>
  error instanceof CommanderError && error.code === 'commander.help';

const withoutPrefix = (message: string): string => message.replace(/^error: /, '').replace(/\s+/g, ' ');

function tellUnforeseen(error: unknown, json: boolean): number {
  if (process.env['LOCKKEEPER_TRACE']) console.error(error);
  const what = `something that nobody foresaw: ${error instanceof Error ? error.message : String(error)}`;
  const next = 'run it again with LOCKKEEPER_TRACE=1 and report what it prints';
  if (json)
    console.log(
      JSON.stringify({ schemaVersion: 1, error: { code: 'unforeseen', what, next: [next] } }, null, 2),
    );
  else console.error(`error: ${what}\n  next   1. ${next}`);
  return exitCodes.failed;
}
