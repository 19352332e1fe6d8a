import { composeNotFound } from '../../domain/problems/compose.js';
import { Problem } from '../../domain/problem.js';
import { shell, ToolFailed } from '../shell.js';
import type { Place } from './docker.js';

/** Which compose there is. Their flags differ: version 1 answers one it does not know with help and exit code 0. */
export interface ComposeTool {
  command: readonly string[];
  /** Such as `2.40.3`. */
  version: string;
  isV1: boolean;
}

const CANDIDATES: readonly (readonly string[])[] = [['docker', 'compose'], ['docker-compose']];

/**
 * Finds compose by what it says of its version, before any other flag is tried on it.
 *
 * @param named - the one of the settings; default: the plugin, else docker-compose
 * @throws Problem `compose-not-found`
 */
export async function findCompose(place: Place, named?: readonly string[]): Promise<ComposeTool> {
  for (const command of named ? [named] : CANDIDATES) {
    const version = await versionOf(command, place);
    if (version) return { command, version, isV1: version.startsWith('1.') };
  }
  throw composeNotFound();
}

async function versionOf(
  [file = '', ...args]: readonly string[],
  { cwd, env }: Place,
): Promise<string | null> {
  try {
    const { stdout } = await shell({ file, args: [...args, 'version', '--short'], cwd, env });
    return /^v?(\d+\.\d+\.\d+\S*)$/m.exec(stdout.trim())?.[1] ?? null;
  } catch (error) {
    if (error instanceof ToolFailed || (error instanceof Problem && error.code === 'missing-tool'))
      return null;
    throw error;
  }
}
