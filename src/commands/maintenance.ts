import { connected } from '../client.js';
import { BY_HAND, handOf } from '../domain/closure.js';
import { MOST_MINUTES } from '../domain/messages.js';
import { Problem } from '../domain/problem.js';
import { maintenanceFailed } from '../domain/problems/closure.js';
import { wrongUse } from '../domain/problems/use.js';
import { alarmIdOf } from '../domain/requests.js';
import { closeSite, closureOf, homeAt, openSite, type Home } from '../local.js';
import { mayForceOpen } from './force-open.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';
import { commandWork } from './work.js';

export interface MaintenanceOptions extends GlobalOptions {
  reason?: string;
  minutes?: string;
  force?: boolean;
  writesOnly?: boolean;
  typed?: string;
}

/**
 * Closes or opens a site by hand, on its host, without Temporal. A closure by hand is no run's to open.
 *
 * @throws Problem `force-needs-name`; `maintenance-failed` with what went wrong and whether the site is closed now
 */
export async function maintenanceCommand(
  what: string | undefined,
  targetName: string | undefined,
  options: MaintenanceOptions,
  io: Io,
): Promise<number> {
  if (what !== 'on' && what !== 'off')
    throw wrongUse(`maintenance takes on or off, got ${what ?? 'nothing'}`, 'maintenance');
  const minutes = Number(options.minutes ?? 1);
  if (!(minutes > 0 && minutes <= MOST_MINUTES))
    throw wrongUse(`--minutes takes a number up to ${MOST_MINUTES}`, 'maintenance');
  const home = homeAt(options.config);
  const { name: target } = home.target(targetName);
  const by = handOf(target, whoAmI());
  const work = commandWork(io, { verbose: true });
  if (what === 'off' && options.force) await mayForceOpen(home.target(target), options.typed, io, work);
  try {
    const { note } =
      what === 'on'
        ? await closeSite(home, { ...by, ...planned(options) }, work)
        : await openSite(home, { ...by, force: options.force ?? false }, work);
    const site = await siteOf(home, target);
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, target, site, note }) : `${target}: ${note}`);
    if (what === 'on') io.say(`  ${await setAlarm(home, target)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw maintenanceFailed(error.told, await siteOf(home, target));
  }
}

/** Temporal is not needed to close a site, but watches it when it is there. @returns in words what came of it */
async function setAlarm(home: Home, target: string): Promise<string> {
  const { state, taskQueue } = home.config();
  const workflowId = alarmIdOf(target);
  try {
    await connected(state, (client) =>
      client.workflow.start('maintenance', {
        ...{ workflowId, taskQueue, args: [{ target, watch: true }] },
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `${target}: the site is closed`,
      }),
    );
    return `the alarm is set: workflow ${workflowId} tells when it is closed for longer than planned`;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `no alarm is set in Temporal (${error.told.what}): let lockkeeper watchdog --every 60 run`;
  }
}

const planned = ({ reason, minutes, writesOnly }: MaintenanceOptions) => ({
  reason: reason ?? BY_HAND,
  scope: writesOnly ? ('writes' as const) : ('site' as const),
  ...(minutes ? { minutes: Number(minutes) } : {}),
});

/** How the site stands now, in words. */
const siteOf = async (home: Home, target: string): Promise<string> =>
  (await closureOf(home.target(target), Date.now()))?.says ?? 'not known';
