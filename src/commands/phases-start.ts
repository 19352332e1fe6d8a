import { readFileSync } from 'node:fs';
import { connected } from '../client.js';
import { changeFile } from '../config/change.js';
import { phasesIdOf, whyBadPhases, type PhasesRequest } from '../domain/phases/request.js';
import type { PhasesStatus } from '../domain/phases/status.js';
import { phasesFailed, phasesRun } from '../domain/problems/phased-run.js';
import { wrongUse } from '../domain/problems/use.js';
import { homeAt, type Target } from '../local.js';
import { begun, startBeside } from './beside-run.js';
import type { GlobalOptions, Io } from './io.js';
import { exitCodeFor, showStatus, watchChange } from './phases-say.js';
import { releaseOption } from './release-option.js';
import { whoAmI } from './who.js';

export interface StartPhasesOptions extends GlobalOptions {
  file?: string;
  change?: string;
  release?: string;
  watch?: boolean;
}

/**
 * Begins to take a change through its phases, and shows what it found of it; with --watch until it asks for a person or ends.
 *
 * @throws Problem `wrong-use`, `change-faults`, `phases-run`, `no-worker`; why it could not begin, in its own words
 */
export async function startPhases(
  targetName: string | undefined,
  options: StartPhasesOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const request = requestOf(target, options);
  return connected(target.config.state, async (client) => {
    const { change } = request;
    const handle = await startBeside(client, target, {
      ...{ workflow: 'phases', workflowId: phasesIdOf(target.name, change), request },
      summary: `${change} of ${target.name}, in phases`,
      runs: () => phasesRun(target.name, change),
    });
    const status = await begun<PhasesStatus>(handle, (failure) => phasesFailed(change, failure));
    if (options.watch) return exitCodeFor(await watchChange(handle, target, change, io));
    showStatus(status, io);
    if (!io.json) io.say(`See it: lockkeeper phases status ${target.name} ${change}`);
    return exitCodeFor(status);
  });
}

function requestOf(target: Target, options: StartPhasesOptions): PhasesRequest {
  const { change, settings } = changeFrom(options);
  const all = { ...settings, ...releaseOption(options) };
  const request: PhasesRequest = {
    ...{ target: target.name, change, requestedBy: whoAmI() },
    ...(Object.keys(all).length ? { settings: all } : {}),
  };
  const why = whyBadPhases(request);
  if (why) throw wrongUse(why, 'phases start');
  return request;
}

function changeFrom({ file, change }: StartPhasesOptions): {
  change: string;
  settings: Record<string, unknown>;
} {
  if (file === undefined) {
    if (change === undefined) throw wrongUse('say which change: --change NAME, or --file', 'phases start');
    return { change, settings: {} };
  }
  const read = changeFile(textOf(file), file);
  if (change !== undefined && change !== read.change)
    throw wrongUse(`${file} is of ${read.change}, not of ${change}`, 'phases start');
  return read;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrongUse(`${file} can not be read: ${(error as Error).message}`, 'phases start');
  }
}
