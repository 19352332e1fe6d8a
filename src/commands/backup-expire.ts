import { expireBackups, homeAt, judgeBackups } from '../local.js';
import { expiryJson, expiryText, type ExpiryLine } from '../report/expiry.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

/** Shows what `backup.keep` lets go; deletes it when that is said. Needs no Temporal. */
export async function expireCommand(
  targetName: string | undefined,
  { config, yes = false }: GlobalOptions & { yes?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const work = commandWork(io, { verbose: true });
  const { lines, notes } = yes ? await deleted(target, work) : await judged(target, work);
  if (io.json) io.out(JSON.stringify(expiryJson(target.name, lines, notes, yes), null, 2));
  else io.out(expiryText(target.name, lines, notes, yes));
  return notes.length ? 1 : 0;
}

type Target = ReturnType<ReturnType<typeof homeAt>['target']>;
type Done = { lines: ExpiryLine[]; notes: readonly string[] };

async function judged(target: Target, work: ReturnType<typeof commandWork>): Promise<Done> {
  const all = await judgeBackups(target, work);
  return {
    lines: all.map(({ listed: { manifest }, reasons }) => ({ manifest, reasons })),
    notes: [],
  };
}

async function deleted(target: Target, work: ReturnType<typeof commandWork>): Promise<Done> {
  const { kept, deleted: gone, notes } = await expireBackups(target, work);
  return {
    lines: [
      ...kept.map(({ listed: { manifest }, reasons }) => ({ manifest, reasons })),
      ...gone.map(({ manifest }) => ({ manifest, reasons: [] })),
    ],
    notes,
  };
}
