import { keepsakeNeeded, noSuchKeepsake } from '../domain/problems/keepsakes.js';
import { bytes } from '../domain/units.js';
import { homeAt, keepsakesOf, letKeepsakeGo } from '../local.js';
import { keepsakesJson, keepsakesText } from '../report/keepsakes.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

/** Shows what is kept of a target. Needs no Temporal. */
export async function listKeepsakes(
  targetName: string | undefined,
  { config }: GlobalOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const all = await keepsakesOf(target, commandWork(io));
  io.out(
    io.json
      ? JSON.stringify(keepsakesJson(target.name, all), null, 2)
      : keepsakesText(target.name, all, Date.now()),
  );
  return 0;
}

/**
 * Drops one before its end. Needs no Temporal.
 *
 * @throws Problem `no-such-keepsake`, `keepsake-needed` without `--yes`
 */
export async function dropKeepsakeCommand(
  targetName: string | undefined,
  { config, keepsake = '', yes = false }: GlobalOptions & { keepsake?: string; yes?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const work = commandWork(io, { verbose: !io.json });
  const all = await keepsakesOf(target, work);
  const found = all.find(({ id }) => id === keepsake);
  if (!found)
    throw noSuchKeepsake(
      target.name,
      keepsake,
      all.map(({ id }) => id),
    );
  const isNeeded = found.state !== 'put back' && Date.parse(found.endsAt) > Date.now();
  if (isNeeded && !yes) throw keepsakeNeeded(target.name, found.id, found.endsAt);
  const { id, planned, bytes: size } = await letKeepsakeGo(target, found.id, work);
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, target: target.name, dropped: id }));
  else io.out(`Dropped ${id}: ${planned.table} (${planned.takes.join(', ')}), ${bytes(size)}.`);
  return 0;
}
