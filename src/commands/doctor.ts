import { examinations, type Finding } from '../doctor/examinations.js';
import { homeAt } from '../local.js';
import { registerMissing } from '../doctor/temporal.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

const marks = { ok: 'ok', warning: 'warning', fault: 'FAULT' } as const;

/**
 * Tries every tool and connection of a target, and changes nothing; with --fix it registers the search
 * attributes that Temporal lacks.
 *
 * @returns 0 when there is no fault, else 2
 */
export async function doctorCommand(
  targetName: string | undefined,
  options: GlobalOptions & { fix?: boolean },
  io: Io,
): Promise<number> {
  const home = homeAt(options.config);
  const target = home.target(targetName);
  if (options.fix)
    for (const name of await registerMissing(target)) io.say(`registered search attribute ${name}`);
  const work = commandWork(io);
  const found: Finding[] = [];
  for (const [what, examine] of examinations) {
    const finding = await examine(target, work).then(
      (result) => ({ what, ...result }),
      (error: unknown) => faultOf(what, error),
    );
    found.push(finding);
    if (!io.json) io.out(findingText(finding));
  }
  const faults = found.filter(({ state }) => state === 'fault').length;
  if (io.json)
    io.out(JSON.stringify({ schemaVersion: 1, target: target.name, faults, findings: found }, null, 2));
  else
    io.out(
      faults
        ? `\n${faults} fault${faults === 1 ? '' : 's'}; nothing was changed`
        : `\nall well: lockkeeper check ${target.name}`,
    );
  return faults ? 2 : 0;
}

const findingText = ({ what, state, says, next = [] }: Finding): string =>
  [
    `${marks[state].padEnd(8)}${what.padEnd(20)}${says}`,
    ...next.map((step) => `${' '.repeat(28)}→ ${step}`),
  ].join('\n');

function faultOf(what: string, error: unknown): Finding {
  const told = (error as { told?: { next: string[] } }).told;
  return { what, state: 'fault', says: (error as Error).message, next: told?.next ?? [] };
}
