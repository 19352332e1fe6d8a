import { readFileSync } from 'node:fs';
import type { Command } from '../command.js';

/** A user's Alembic project, and the Python that can run it. */
export interface AlembicProject {
  /** The interpreter as an argument list: `['.venv/bin/python']`, `['uv', 'run', 'python']`. */
  python: readonly string[];
  /** The folder in which the user runs `alembic`; for a container the one in which docker is called. */
  cwd: string;
  /** Alembic's configuration file, relative to `cwd`; in a container to its working folder. */
  config: string;
  /** Section of that file; default `alembic`, as `alembic --name`. */
  section?: string;
  /** What `alembic -x` passes to env.py. */
  x?: readonly string[];
  /** Set for Python besides the worker's own environment: database URLs and other secrets. */
  environment: Readonly<Record<string, string>>;
  /** Where Python runs, if not on this host. Of the worker's environment it then has nothing. */
  container?: BridgeContainer;
}

/** What of a container is otherwise than the settings say. */
export interface ContainerChanges {
  /** Id of the image. */
  image?: string;
  network?: string;
  /** It works on a copy of the database, and leaves nothing. */
  onCopy?: true;
  /** It works on no database: values that stand in its service's environment, as they may be there. */
  cleaned?: (name: string, value: string) => string;
}

/** A container for each run of the bridge. */
export interface BridgeContainer {
  /**
   * @param attempt - of this run alone: labels the container
   * @param stays - it stays when it has ended, so that people can read its log; not on a copy
   * @param works - what it does: a function of the user works beside whatever migrates
   */
  command(
    program: readonly string[],
    environment: Readonly<Record<string, string>>,
    options: { attempt: string; stays: boolean; works?: 'alembic' | 'function' },
  ): Promise<Command>;
  /** Which image it is made from, in words, where that was said. */
  where?: string;
  /** Ends what the client of an attempt has left at work. */
  end(attempt: string): Promise<void>;
  with(changes: ContainerChanges): BridgeContainer;
}

export type Verb = 'inspect' | 'upgrade' | 'downgrade' | 'write' | 'rows';

/** Beside this module, in the sources as in the built package. */
const fileText = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');

/** The bridge's text, each `# <file>` in it replaced by that file. */
export const bridgeText = (): string =>
  fileText('bridge.py').replace(/^# <([a-z_]+\.py)>$/gm, (_, name: string) => fileText(name));

/**
 * The bridge as a command. Its text is an argument, so that the project's Python needs nothing of ours.
 *
 * @param options - as text, see `optionsText`; `-`: they come as the first line of its standard input
 */
export const bridgeCommand = (
  project: AlembicProject,
  nonce: string,
  verb: Verb,
  options: string,
): Promise<Command> =>
  pythonCommand(project, ['-c', bridgeText(), nonce, verb, options], {
    attempt: nonce,
    stays: verb !== 'inspect' && verb !== 'rows',
    works: verb === 'rows' ? 'function' : 'alembic',
  });

/** The project's Python with these arguments. */
export async function pythonCommand(
  { python, environment, cwd, container }: AlembicProject,
  args: readonly string[],
  options: Parameters<BridgeContainer['command']>[2] = { attempt: 'python', stays: false },
): Promise<Command> {
  const [file = 'python3', ...before] = python;
  if (container) return container.command([file, ...before, ...args], environment, options);
  return { file, args: [...before, ...args], env: { ...environment }, cwd };
}

/** What the bridge is told, one line of JSON. */
export const optionsText = ({ config, section, x }: AlembicProject, options: object): string =>
  JSON.stringify({ config, ...(section ? { section } : {}), x: x ?? [], ...options });
