import { wrongUse } from '../domain/problems/use.js';
import { homeAt, pinBackup, unpinBackup } from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';

interface PinOptions extends GlobalOptions {
  backup?: string;
  note?: string;
}

/** Keeps a backup until it is unpinned. Needs no Temporal. */
export async function pinCommand(
  targetName: string | undefined,
  { config, backup, note = 'no reason given' }: PinOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const id = await pinBackup(target, named(backup, 'pin'), whoAmI(), note);
  tell(
    io,
    { target: target.name, backup: id, pinned: true },
    `${id} is pinned: it is kept until it is unpinned`,
  );
  return 0;
}

/** Takes all pins of a backup away. Needs no Temporal. */
export async function unpinCommand(
  targetName: string | undefined,
  { config, backup }: PinOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const { id, gone } = await unpinBackup(target, named(backup, 'unpin'));
  const words = gone.map(({ by, why }) => `the pin of ${by} (${why}) is taken away`);
  tell(
    io,
    { target: target.name, backup: id, pinned: false, gone },
    words.length ? words.join('\n') : `${id} was not pinned`,
  );
  return 0;
}

/** Which one is never guessed where something is changed. */
function named(backup: string | undefined, verb: string): string {
  if (backup === undefined) throw wrongUse('which backup? name it: --backup <id|latest>', `backup ${verb}`);
  return backup;
}

const tell = (io: Io, json: object, text: string): void =>
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, ...json }, null, 2) : text);
