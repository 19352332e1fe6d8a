import { noPython, oldPython, pythonDidNotStart } from '../../domain/problems/alembic.js';
import type { Problem } from '../../domain/problem.js';
import { shell } from '../shell.js';
import { containerNotStarted } from '../../domain/problems/compose.js';
import { pythonCommand, type AlembicProject } from './project.js';

/** The oldest Python that the bridge's text is written for. */
const OLDEST = [3, 8] as const;

/** Why the interpreter said nothing at all: it is not there, too old to read our text, or broken. */
export async function whyNotStarted(project: AlembicProject, words: string): Promise<Problem> {
  const python = project.python.join(' ');
  const version = await pythonVersion(project);
  if (!version && project.container) return containerNotStarted(python, engineSays(words));
  if (!version) return noPython(python, lastLine(words));
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return old ? oldPython(python, version) : pythonDidNotStart(python, lastLine(words));
}

/** @returns such as `3.11.7`, or null when there is no interpreter */
async function pythonVersion(project: AlembicProject): Promise<string | null> {
  const args = ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'];
  const answer = await pythonCommand(project, args)
    .then((command) => shell(command))
    .catch(() => null);
  return /\d+\.\d+\.\d+/.exec(answer?.stdout ?? '')?.[0] ?? null;
}

const lastLine = (words: string): string => words.trim().split('\n').at(-1) ?? '';

/** docker ends with a hint to its own help. */
const engineSays = (words: string): string =>
  lastLine(
    words
      .split('\n')
      .filter((line) => !/^(See|Run) 'docker/.test(line) && line.trim())
      .join('\n'),
  );
