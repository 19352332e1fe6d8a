import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { clientEnvironment } from '../stack/environment.js';
import { fold } from './fold.js';
import type { DemoPlace } from './place.js';

/** Where the story is told, and how it is ended. */
export interface Stage {
  place: DemoPlace;
  /** dist/cli.js. */
  cli: string;
  say: (text: string) => void;
  /** Of the terminal; Infinity when it is none. */
  columns: number;
  stop: AbortController;
}

export interface Ran {
  code: number;
  lines: readonly string[];
}

/**
 * Calls the CLI as a user would, in the demo's folder, and shows what it prints.
 *
 * @param as - the name of the person who does it
 * @param take - gets each line; default: it is said
 */
export async function lockkeeper(
  stage: Stage,
  args: readonly string[],
  as: string,
  take: (line: string) => void = told(stage),
): Promise<Ran> {
  take(commandLine(args, as));
  const child = spawn(process.execPath, [stage.cli, ...args], {
    ...asUser(stage.place, as),
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is the demo's to answer: this command would say that its run goes on.
    detached: true,
    signal: stage.stop.signal,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      take(line);
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, lines };
}

/**
 * The same, with the terminal handed over to it: it asks whoever sits there.
 *
 * @param signal - takes the question back
 * @returns its exit code; null when the question was taken back
 */
export async function atTerminal(
  { cli, place, say }: Stage,
  args: readonly string[],
  as: string,
  signal: AbortSignal,
): Promise<number | null> {
  say(commandLine(args, as));
  const child = spawn(process.execPath, [cli, ...args], { ...asUser(place, as), stdio: 'inherit' });
  const takeBack = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', takeBack);
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', takeBack);
  if (signal.aborted) process.stdout.write(SHOW_CURSOR);
  return signal.aborted ? null : (code ?? 1);
}

/** A question hides the cursor, and had no time to show it again. */
const SHOW_CURSOR = '\u001b[?25h';

/** Says a line as it fits, and calls what lies in the demo's folder by its name there: commands run there. */
export const told =
  ({ say, columns, place }: Stage) =>
  (line: string) =>
    say(fold(line.replaceAll(`${place.home}/`, ''), columns));

const asUser = ({ home, stack, env }: DemoPlace, as: string) => ({
  cwd: home,
  env: { ...process.env, ...clientEnvironment(stack), ...env, LOCKKEEPER_USER: as },
});

const commandLine = (args: readonly string[], as: string): string =>
  `${nameOf(as).toLowerCase()}$ lockkeeper ${args.join(' ')}`;

/** `Ana` for `ana@example.com`. */
export const nameOf = (person: string): string =>
  person.charAt(0).toUpperCase() + person.slice(1, person.indexOf('@'));
