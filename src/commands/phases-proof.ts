import { exitCodes } from '../domain/exit-codes.js';
import { isChangeName } from '../domain/phased.js';
import { wrongUse } from '../domain/problems/use.js';
import { homeAt, proveNow } from '../local.js';
import { oldCodeText } from '../report/old-code.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

export interface ProofOptions extends GlobalOptions {
  since?: string;
  release?: string;
}

/**
 * Says whether old code is left that uses what the contract of a change takes away, and what to do about it. Changes
 * nothing, and needs no Temporal.
 *
 * @returns `oldCode` where it is left, or nobody can tell
 * @throws Problem `wrong-use`, those of proveNow
 */
export async function phasesProof(
  targetName: string | undefined,
  change: string | undefined,
  options: ProofOptions,
  io: Io,
): Promise<number> {
  if (!change || !isChangeName(change))
    throw wrongUse('say of which change, such as orders-note-remark', 'phases proof');
  const since = sinceOf(options.since);
  const target = homeAt(options.config).target(targetName);
  const asked = {
    change,
    ...(since ? { since } : {}),
    ...(options.release ? { filesOf: options.release } : {}),
  };
  const proof = await proveNow(target, asked, commandWork(io));
  io.out(
    io.json
      ? JSON.stringify({ schemaVersion: 1, target: target.name, ...proof }, null, 2)
      : oldCodeText(change, proof),
  );
  return proof.holds ? exitCodes.done : exitCodes.oldCode;
}

/** @returns ISO 8601, UTC @throws Problem `wrong-use` */
function sinceOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw wrongUse(`--since takes a time such as 2026-11-26T12:00:00Z, not ${text}`, 'phases proof');
  if (at > Date.now()) throw wrongUse(`--since ${text} is still to come`, 'phases proof');
  return new Date(at).toISOString();
}
