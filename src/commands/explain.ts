import { nothingToExplain } from '../domain/problems/by-hand.js';
import { exitCodes } from '../domain/exit-codes.js';
import { closureOf, explainRun, homeAt } from '../local.js';
import type { GlobalOptions, Io } from './io.js';

/**
 * Prints the plain shell commands for all that is left to do of the target's run, wherever it stands. Reads the
 * state folder and the settings, and asks nobody: it is for the night in which Temporal itself is down.
 *
 * @returns 4 when something is left to do, else 0
 * @throws Problem `no-record` where no run is known, those of loadConfig
 */
export async function explainCommand(
  targetName: string | undefined,
  options: GlobalOptions & { goOn?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const explained = await explainRun(target, options.goOn ? 'go-on' : 'put-back');
  const site = await closureOf(target, Date.now());
  const closed = site && site.flag.is !== 'absent';
  if (!explained && !closed) throw nothingToExplain(target.name);
  const { text = '# No run is known.', isOpen = false, todo = [], runId = null } = explained ?? {};
  const siteLine =
    closed && !isOpen ? `# The site is ${site.says}; open it: ${openIt(target.name, site.path)}` : '';
  if (io.json)
    io.out(
      JSON.stringify({ schemaVersion: 1, target: target.name, runId, isOpen, todo, script: text }, null, 2),
    );
  else io.out([text, siteLine].filter(Boolean).join('\n'));
  return isOpen ? exitCodes.operator : exitCodes.done;
}

const openIt = (target: string, flag: string): string =>
  `lockkeeper maintenance off ${target} --force, or: rm ${flag}`;
