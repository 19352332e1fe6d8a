#!/usr/bin/env node
import { createProgram } from './commands/program.js';
import { exitCodes } from './domain/exit-codes.js';
import { tell } from './commands/tell.js';

// `lockkeeper … | head`: whoever reads has heard enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** The only place that sets the exit code. */
try {
  await createProgram((code) => void (process.exitCode = code)).parseAsync(process.argv);
} catch (error) {
  process.exitCode = tell(error, /(^| )--(json|format[ =]json)( |$)/.test(process.argv.join(' ')));
}
// Temporal's connections keep timers; a command that has said all it had to say is over.
// Into a pipe Node.js writes 64 KiB at once and the rest later: what is written last is called back when all is.
setImmediate(() => process.stdout.write('', () => process.exit(process.exitCode ?? exitCodes.done)));
