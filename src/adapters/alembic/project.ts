import { readFileSync } from 'node:fs';
import type { Command } from '../command.js';

/** A user's Alembic project, and the Python that can run it. */
export interface AlembicProject {
  /** The interpreter as an argument list: `['.venv/bin/python']`, `['uv', 'run', 'python']`. */
  python: readonly string[];
  /** The folder in which the user runs `alembic`. */
  cwd: string;
  /** Alembic's configuration file, relative to `cwd`. */
  config: string;
  /** Section of that file; default `alembic`, as `alembic --name`. */
  section?: string;
  /** What `alembic -x` passes to env.py. */
  x?: readonly string[];
  /** Set for Python besides the worker's own environment: database URLs and other secrets. */
  environment: Readonly<Record<string, string>>;
}

export type Verb = 'inspect' | 'upgrade' | 'downgrade' | 'write';

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
): Command => ({
  file: project.python[0] ?? 'python3',
  args: [...project.python.slice(1), '-c', bridgeText(), nonce, verb, options],
  env: { ...project.environment },
  cwd: project.cwd,
});

/** What the bridge is told, one line of JSON. */
export const optionsText = ({ config, section, x }: AlembicProject, options: object): string =>
  JSON.stringify({ config, ...(section ? { section } : {}), x: x ?? [], ...options });
