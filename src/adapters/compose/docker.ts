import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../domain/problem.js';
import { dockerNoRights, dockerUnreachable, isNoRights } from '../../domain/problems/compose.js';
import { shell, ToolFailed, type ShellOptions } from '../shell.js';

/** From where docker and compose are called, and with what besides the worker's own environment. */
export interface Place {
  cwd: string;
  /** Secrets among it: of the tools' environment, never of their arguments. */
  env: Readonly<Record<string, string>>;
}

/**
 * Runs the docker CLI.
 *
 * @returns what it printed on standard output, trimmed
 * @throws Problem `docker-unreachable`, `docker-no-rights`, `missing-tool`; ToolFailed for all else
 */
export async function docker(
  { cwd, env }: Place,
  args: readonly string[],
  options: ShellOptions = {},
): Promise<string> {
  try {
    return (await shell({ file: 'docker', args, cwd, env }, options)).stdout.trim();
  } catch (error) {
    throw asDockerProblem(error);
  }
}

const LOOK_EVERY_MS = 500;

/**
 * Waits for an engine that is being restarted.
 *
 * @throws Problem `docker-unreachable` when it does not answer in time; `docker-no-rights` at once
 */
export async function untilEngineAnswers(
  place: Place,
  { waitMs, signal, progress }: { waitMs: number; signal: AbortSignal; progress: (text: string) => void },
): Promise<void> {
  for (const until = performance.now() + waitMs; ;) {
    try {
      return void (await docker(place, ['version', '--format', '{{.Server.Version}}'], { signal }));
    } catch (error) {
      const mayCome = error instanceof Problem && error.code === 'docker-unreachable';
      if (!mayCome) throw error;
      progress('the Docker engine does not answer');
      if (performance.now() > until) throw error;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }
}

const UNREACHABLE =
  /cannot connect to the docker daemon|is the docker daemon running|error during connect|couldn't connect to docker daemon|error while fetching server api version|is it running\?/i;

/** What the engine's absence looks like in the words of both CLIs and both composes. */
export function asDockerProblem(error: unknown): unknown {
  if (!(error instanceof ToolFailed)) return error;
  const words = error.lastWords(20);
  const why = words.trim().split('\n').at(-1) ?? '';
  if (isNoRights(words)) return dockerNoRights(why);
  return UNREACHABLE.test(words) ? dockerUnreachable(why) : error;
}

/** Lines of JSON, or an array of them, as `inspect` prints. */
export const parsed = <T>(json: string): T => JSON.parse(json) as T;
