import { noHealthCheck } from '../domain/problems/commands.js';
import { homeAt, untilHealthy } from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

/** Asks the application whether it is healthy, and waits for it as long as the target's deadline says. */
export async function healthCommand(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  if (!target.settings.health) throw noHealthCheck(target.name);
  const { note } = await untilHealthy(target, null, commandWork(io));
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, healthy: true, note }) : note);
  return 0;
}
