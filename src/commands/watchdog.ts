import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../domain/exit-codes.js';
import { wrongUse } from '../domain/problems/use.js';
import {
  alarm,
  alarmOfBackups,
  alarmOver,
  closures,
  homeAt,
  type Home,
  type SiteStanding,
  type Work,
} from '../local.js';
import type { GlobalOptions, Io } from './io.js';

/** A longest pause, so that a typing error does not switch the watchdog off for days. */
const LONGEST_SECONDS = 3_600;

/**
 * Looks at the flag files of all targets, prints the closures, and sounds those that last longer than planned: here
 * each time, to those whom `notify` names every `closure.alarmEveryMinutes`. Sounds proven backups that are too old, too. Needs neither Temporal nor a database: it is
 * for the hour when these are down and the site is still closed.
 *
 * @param options.every - seconds; look again and again, until the process is ended
 * @returns 4 when a closure or a proven backup is overdue, else 0
 * @throws Problem `wrong-use`, those of loadConfig
 */
export async function watchdogCommand(options: GlobalOptions & { every?: string }, io: Io): Promise<number> {
  const every = options.every === undefined ? null : secondsOf(options.every);
  // A signal ends the process as it ends any other: there is nothing to put right.
  const work: Work = { signal: new AbortController().signal, attempt: 1, progress: () => undefined };
  for (;;) {
    const home = homeAt(options.config);
    const standings = await closures(home, Date.now());
    show(standings, io);
    const late = standings.filter(({ overdueMs }) => overdueMs > 0);
    for (const each of standings) await (late.includes(each) ? sound(home, each, io, work) : alarmOver(each));
    const old = await soundBackups(home, io, work);
    if (every === null) return late.length || old ? exitCodes.operator : exitCodes.done;
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
async function sound(home: Home, site: SiteStanding, io: Io, work: Work): Promise<void> {
  const { target, says } = site;
  io.say(`ALARM: the site of ${target} is closed for longer than planned: ${says}`);
  io.say(`  → see whether a run is at work: lockkeeper status ${target}`);
  io.say(`  → open it when nothing needs it closed: lockkeeper maintenance off ${target}`);
  for (const fault of await alarm(home, site, Date.now(), work)) io.say(`  → not told: ${fault}`);
}

/** Proven backups that are older than `backup.alarmAfterHours`. @returns how many targets */
async function soundBackups(home: Home, io: Io, work: Work): Promise<number> {
  let late = 0;
  for (const [target, { backup }] of Object.entries(home.config().targets)) {
    if (backup.alarmAfterHours === undefined) continue;
    const { state, says, faults } = await alarmOfBackups(home, { target, runId: `watchdog-${target}` }, work);
    if (state !== 'overdue') continue;
    late += 1;
    io.say(`ALARM: ${target}: ${says}`);
    io.say(`  → see which there are: lockkeeper backup ${target} --list`);
    io.say(`  → try the newest: lockkeeper backup prove ${target}`);
    for (const fault of faults) io.say(`  → not told: ${fault}`);
  }
  return late;
}
