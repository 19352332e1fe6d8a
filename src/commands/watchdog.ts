import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../domain/exit-codes.js';
import { wrongUse } from '../domain/problems/use.js';
import { closures, homeAt, type SiteStanding } from '../local.js';
import type { GlobalOptions, Io } from './io.js';

/** A longest pause, so that a typing error does not switch the watchdog off for days. */
const LONGEST_SECONDS = 3_600;

/**
 * Looks at the flag files of all targets, prints the closures, and sounds those that last longer than planned.
 * Needs neither Temporal nor a database: it is for the hour when these are down and the site is still closed.
 *
 * @param options.every - seconds; look again and again, until the process is ended
 * @returns 4 when a closure is overdue, else 0
 * @throws Problem `wrong-use`, those of loadConfig
 */
export async function watchdogCommand(options: GlobalOptions & { every?: string }, io: Io): Promise<number> {
  const every = options.every === undefined ? null : secondsOf(options.every);
  for (;;) {
    const standings = await closures(homeAt(options.config), Date.now());
    show(standings, io);
    const late = standings.filter(({ overdueMs }) => overdueMs > 0);
    for (const each of late) sound(each, io);
    if (every === null) return late.length ? exitCodes.operator : exitCodes.done;
    await sleep(every * 1000);
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= LONGEST_SECONDS) return seconds;
  throw wrongUse(`--every takes seconds, at most ${LONGEST_SECONDS}; got ${text.slice(0, 40)}`, 'watchdog');
}

function show(standings: readonly SiteStanding[], io: Io): void {
  if (io.json) return io.out(JSON.stringify({ schemaVersion: 1, sites: standings.map(siteJson) }));
  if (standings.length === 0) io.out('no target has settings for closing its site');
  for (const { target, says } of standings) io.out(`${target}: ${says}`);
}

const siteJson = ({ target, path, flag, says, overdueMs }: SiteStanding) => ({
  target,
  flag: path,
  closed: flag.is !== 'absent',
  closure: flag.is === 'closure' ? flag.closure : null,
  says,
  overdueMs: Number.isFinite(overdueMs) ? Math.round(overdueMs) : null,
});

/** The alarm of one overdue closure: the one place where it leaves this process. */
function sound({ target, says }: SiteStanding, io: Io): void {
  io.say(`ALARM: the site of ${target} is closed for longer than planned: ${says}`);
  io.say(`  → see whether a run is at work: lockkeeper status ${target}`);
  io.say(`  → open it when nothing needs it closed: lockkeeper maintenance off ${target}`);
}
