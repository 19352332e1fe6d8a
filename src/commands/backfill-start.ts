import { readFileSync } from 'node:fs';
import { connected } from '../client.js';
import { backfillOf, backfillSettings } from '../config/backfill.js';
import { backfillIdOf, whyBadBackfill, type BackfillRequest } from '../domain/backfill/request.js';
import type { BackfillStatus } from '../domain/backfill/status.js';
import { exitCodes } from '../domain/exit-codes.js';
import { backfillFailed, backfillRuns } from '../domain/problems/backfill.js';
import { wrongUse } from '../domain/problems/use.js';
import { homeAt, type Target } from '../local.js';
import { exitCodeOf, rateOf, show, watchToEnd } from './backfill.js';
import { begun, startBeside } from './beside-run.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';

export interface StartOptions extends GlobalOptions {
  file?: string;
  table?: string;
  set?: readonly string[];
  where?: string;
  verify?: string;
  rate?: string;
  again?: boolean;
  watch?: boolean;
}

/**
 * Begins a backfill, and shows what it found of the table; with --watch to its end.
 *
 * @throws Problem `wrong-use`, `backfill-faults`, `backfill-runs`, `no-worker`; why it could not begin, in its own words
 */
export async function startBackfill(
  name: string | undefined,
  targetName: string | undefined,
  options: StartOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const request = requestOf(name ?? '', target, options);
  return connected(target.config.state, async (client) => {
    const handle = await startBeside(client, target, {
      ...{ workflow: 'backfill', workflowId: backfillIdOf(target.name, request.name), request },
      summary: `backfill ${request.name} of ${target.name}`,
      runs: () => backfillRuns(target.name, request.name),
    });
    const status = await begun<BackfillStatus>(handle, (failure) => backfillFailed(request.name, failure));
    if (!options.watch) {
      show(status, io);
      if (!io.json) io.say(`See it: lockkeeper backfill status ${request.name} ${target.name}`);
      return exitCodeOf(status);
    }
    const last = await watchToEnd(handle, target, request.name, io);
    return last.state === 'stopped' ? exitCodes.failed : exitCodeOf(last);
  });
}

function requestOf(name: string, target: Target, options: StartOptions): BackfillRequest {
  const { rate, again } = options;
  const request: BackfillRequest = {
    ...{ target: target.name, name, settings: settingsOf(options), requestedBy: whoAmI() },
    ...(again ? { again } : {}),
    ...(rate === undefined ? {} : { rowsPerSecond: rateOf(rate) }),
  };
  const why = whyBadBackfill(request);
  if (why) throw wrongUse(why, 'backfill start');
  return request;
}

function settingsOf({ file, table, set = [], where, verify }: StartOptions): Record<string, unknown> {
  if (file !== undefined) {
    if (table !== undefined || set.length || where !== undefined || verify !== undefined)
      throw wrongUse('either --file, or --table with --set', 'backfill start');
    return backfillSettings(readFileSync(file, 'utf8'), file);
  }
  const settings = {
    ...(table === undefined ? {} : { table }),
    set: Object.fromEntries(set.map(columnAndExpression)),
    ...(where === undefined ? {} : { where }),
    ...(verify === undefined ? {} : { verify }),
  };
  backfillOf(settings, 'the command');
  return settings;
}

function columnAndExpression(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1)
    throw wrongUse(
      `--set takes column=expression, such as "cents=total * 100"; got ${text}`,
      'backfill start',
    );
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
