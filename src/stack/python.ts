import { noPython, pythonWithoutVenv } from '../domain/problems/stack.js';
import { run } from '../adapters/run.js';

/** Newest first; the plain name last, because nobody knows what it is. */
const NAMES = ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3'];

/** Says its version, then fails where Debian's python3-venv is missing. */
const PROBE = `
import sys
print(sys.version.split()[0], flush=True)
sys.exit(0) if sys.version_info < (3, 10) else None
import venv, ensurepip
`;

/**
 * The first Python of the PATH that our environment can be made with.
 *
 * @throws Problem `no-python`; `python-without-venv` when the only ones there are cannot make environments
 */
export async function findPython(): Promise<string> {
  let lame: { python: string; why: string } | undefined;
  for (const python of NAMES) {
    const { ok, stdout, lastWords } = await run(python, ['-c', PROBE]);
    const isNewEnough = /^3\.[1-9]\d\b/.test(stdout);
    if (ok && isNewEnough) return python;
    if (isNewEnough) lame ??= { python, why: lastWords.split('\n').at(-1) ?? '' };
  }
  if (lame) throw pythonWithoutVenv(lame.python, lame.why);
  throw noPython(NAMES);
}

/** The version that an interpreter says, undefined when it does not run. */
export async function pythonVersion(python: string): Promise<string | undefined> {
  const { ok, stdout } = await run(python, ['-I', '-S', '-c', 'import sys; print(sys.version.split()[0])']);
  return ok ? stdout.trim() : undefined;
}
