import { scheduleIdOf, type ScheduleSetting } from '../domain/schedule.js';
import { homeAt, type Home } from '../local.js';
import type { GlobalOptions } from './io.js';

/** A Schedule that the settings have. */
export interface Wanted {
  id: string;
  target: string;
  name: string;
  setting: ScheduleSetting;
}

/** @param targetName - whose schedules; default: those of all targets */
export function wantedSchedules(
  targetName: string | undefined,
  options: GlobalOptions,
): { config: ReturnType<Home['config']>; targets: string[]; wanted: Wanted[] } {
  const home = homeAt(options.config);
  const config = home.config();
  const targets = targetName === undefined ? Object.keys(config.targets) : [home.target(targetName).name];
  const wanted = targets.flatMap((target) =>
    Object.entries(config.targets[target]?.schedules ?? {}).map(([name, setting]) => ({
      ...{ target, name, setting, id: scheduleIdOf(target, name) },
    })),
  );
  return { config, targets, wanted };
}
