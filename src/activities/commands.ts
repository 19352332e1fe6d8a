import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shell, ToolFailed } from '../adapters/shell.js';
import type { CommandSetting } from '../config/schema.js';
import { commandFailed, commandTooLong } from '../domain/problems/commands.js';
import type { Target } from './home.js';
import type { Work } from './work.js';

export interface UsersCommands {
  target: Target;
  /** Names the log: `logs/<run>/<step>.log` in the state folder. */
  runId: string;
  step: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
}

/**
 * Runs commands of the user, one after the other, until one fails. What they print goes to the log of the step
 * and, line by line, to whoever watches; secrets of the settings are taken out.
 *
 * @returns what the last one printed on standard output
 * @throws Problem `command-failed`, `command-too-long`, `missing-tool`
 */
export async function runCommands(
  settings: readonly CommandSetting[],
  options: UsersCommands,
  work: Work,
): Promise<string> {
  const deadline = AbortSignal.timeout(options.timeoutSeconds * 1000);
  let stdout = '';
  for (const setting of settings) stdout = await runOne(setting, options, work, deadline);
  return stdout;
}

async function runOne(
  setting: CommandSetting,
  { target, runId, step, environment, timeoutSeconds }: UsersCommands,
  work: Work,
  deadline: AbortSignal,
): Promise<string> {
  const shown = typeof setting === 'string' ? setting : setting.join(' ');
  const log = logOf(target, runId, step);
  const write = await logWriter(log, (line) => target.mask(line));
  const command = target.command(setting, { ...environment, LOCKKEEPER_TARGET: target.name });
  await write(`$ ${shown}`);
  try {
    const { stdout } = await shell(command, {
      signal: AbortSignal.any([work.signal, deadline]),
      ...(work.onTool ? { onStart: work.onTool } : {}),
      onLine: (line) => {
        void write(line);
        work.progress(target.mask(line));
      },
    });
    return stdout;
  } catch (error) {
    if (deadline.aborted && !work.signal.aborted) throw commandTooLong(shown, timeoutSeconds, log);
    if (!(error instanceof ToolFailed)) throw error;
    throw commandFailed(step, shown, error.exitCode, target.mask(error.lastWords()), log);
  } finally {
    await write.flushed();
  }
}

/** Where what a step prints is kept. */
export const logOf = ({ config }: Pick<Target, 'config'>, runId: string, step: string): string =>
  join(config.state, 'logs', runId, `${step.replaceAll(' ', '-')}.log`);

/** Lines are written in order, one append after the other. */
export async function logWriter(path: string, mask: (line: string) => string) {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let last: Promise<void> = Promise.resolve();
  const write = (line: string): Promise<void> => {
    const text = `${new Date().toISOString()} ${mask(line)}\n`;
    last = last.then(() => appendFile(path, text, { mode: 0o600 })).catch(() => undefined); // a full disk must not stop the deploy
    return last;
  };
  return Object.assign(write, { flushed: () => last });
}
