import type { Finding } from '../doctor/examinations.js';
import { examine } from '../doctor/examine.js';
import { registerMissing } from '../doctor/temporal.js';
import { exitCodes } from '../domain/exit-codes.js';
import { count } from '../domain/units.js';
import { homeAt } from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

const marks = { ok: 'ok', warning: 'warning', fault: 'FAULT', unknown: '?' } as const;

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
  const target = homeAt(options.config).target(targetName);
  const registered = options.fix ? await registerMissing(target) : [];
  for (const name of registered) io.say(`registered search attribute ${name}`);
  const findings = await examine(target, commandWork(io), (finding) => {
    if (!io.json) io.out(findingText(finding));
  });
  const faults = findings.filter(({ state }) => state === 'fault').length;
  if (io.json)
    io.out(JSON.stringify({ schemaVersion: 1, target: target.name, faults, registered, findings }, null, 2));
  else io.out(verdict(target.name, faults, registered));
  return faults ? exitCodes.wrongUse : exitCodes.done;
}

function verdict(target: string, faults: number, registered: readonly string[]): string {
  if (!faults) return `\nall well: lockkeeper check ${target}`;
  return `\n${count(faults, 'fault')}${registered.length ? '' : '; nothing was changed'}`;
}

const findingText = ({ what, state, says, next = [] }: Finding): string =>
  [
    `${marks[state].padEnd(8)}${what.padEnd(20)}${says}`,
    ...next.map((step) => `${' '.repeat(28)}→ ${step}`),
  ].join('\n');
