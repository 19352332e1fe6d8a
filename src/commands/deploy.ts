import { modeNeeded, oneMode } from '../domain/problems/modes.js';
import type { DeployRequest } from '../domain/requests.js';
import { checkCommand } from './check.js';
import type { GlobalOptions, Io } from './io.js';
import { releaseOption } from './release-option.js';
import { startRun } from './start.js';
import { exitCodes } from '../domain/exit-codes.js';

export interface DeployOptions extends GlobalOptions {
  autoMigrate?: boolean;
  manualMigrate?: boolean;
  skipMigrate?: boolean;
  backup?: boolean;
  healthCheck?: boolean;
  release?: string;
  detach?: boolean;
}

/** Takes the target to its next release. Without a mode it checks, shows and asks. */
export async function deployCommand(
  target: string | undefined,
  options: DeployOptions,
  io: Io,
): Promise<number> {
  const release = releaseOption(options);
  const mode = modeOf(options) ?? (await askMode(target, options, io));
  if (!mode) {
    io.say('Nothing was started.');
    return exitCodes.undecided;
  }
  const request: Omit<DeployRequest, 'target' | 'requestedBy'> = {
    migrate: mode,
    ...release,
    ...(options.backup ? { backup: true } : {}),
    ...(options.healthCheck ? { healthCheck: true } : {}),
  };
  const what = mode === 'skip' ? 'without its migration' : 'with its migration';
  return startRun<DeployRequest>(target, options, io, {
    workflow: 'deploy',
    request,
    summary: (name) => `deploy ${name}${options.release ? ` ${options.release}` : ''} ${what}`,
    detach: options.detach,
  });
}

function modeOf({
  autoMigrate,
  manualMigrate,
  skipMigrate,
}: DeployOptions): 'auto' | 'manual' | 'skip' | undefined {
  if ([autoMigrate, manualMigrate, skipMigrate].filter(Boolean).length > 1) throw oneMode();
  if (manualMigrate) return 'manual';
  if (autoMigrate) return 'auto';
  return skipMigrate ? 'skip' : undefined;
}

async function askMode(
  target: string | undefined,
  options: DeployOptions,
  io: Io,
): Promise<'auto' | 'manual' | 'skip' | undefined> {
  if (!io.interactive) throw modeNeeded();
  await checkCommand(target, options, io);
  const { isCancel, select } = await import('@clack/prompts');
  const chosen = await select({
    message: 'What shall be done?',
    options: [
      {
        value: 'auto' as const,
        label: 'migrate, verify and deploy, by the procedure that the risk calls for',
      },
      { value: 'manual' as const, label: 'stop at a gate, and let a person choose' },
      { value: 'skip' as const, label: 'deploy only, skip the migration' },
      { value: 'nothing' as const, label: 'nothing' },
    ],
  });
  return isCancel(chosen) || chosen === 'nothing' ? undefined : chosen;
}
