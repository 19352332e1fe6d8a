import { isChangeName } from '../domain/phased.js';
import { near } from '../domain/near.js';
import { wrongUse } from '../domain/problems/use.js';
import { identifier, inCatalog, localOf } from '../domain/sql-name.js';
import { homeAt, newPhases } from '../local.js';
import { fetchRelease } from '../local.js';
import { intents, needed, type Intent, type Wanted } from '../phases/wanted.js';
import { phasesText } from './phases-text.js';
import type { GlobalOptions, Io } from './io.js';
import { releaseOption } from './release-option.js';
import { commandWork } from './work.js';

export interface NewPhasesOptions extends GlobalOptions {
  table?: string;
  column?: readonly string[];
  to?: string;
  type?: string;
  into?: readonly string[];
  set?: readonly string[];
  back?: readonly string[];
  toTable?: string;
  by?: readonly string[];
  expression?: string;
  name?: string;
  onDelete?: string;
  published?: boolean;
  change?: string;
  release?: string;
  dryRun?: boolean;
}

/**
 * Writes the revisions of a change that goes over several releases, as files of the user's project; says which.
 *
 * @throws Problem `wrong-use`, and those of newPhases
 */
export async function newPhasesCommand(
  named: string | undefined,
  targetName: string | undefined,
  options: NewPhasesOptions,
  io: Io,
): Promise<number> {
  const intent = intentNamed(named);
  const wanted = wantedOf(intent, options);
  const change = changeNamed(options.change ?? nameFor(intent, wanted));
  const work = commandWork(io);
  const home = homeAt(options.config);
  const target = home.target(targetName);
  const { name } = await fetchRelease(
    home,
    { target: target.name, runId: 'phases', ...releaseOption(options) },
    work,
  );
  const written = await newPhases(
    target,
    { intent, wanted, change, release: name, dry: options.dryRun ?? false },
    work,
  );
  io.out(
    io.json ? JSON.stringify({ schemaVersion: 1, ...written }, null, 2) : phasesText(written, target.name),
  );
  return 0;
}

function intentNamed(named = ''): Intent {
  const intent = intents.find((each) => each === named);
  if (intent) return intent;
  const meant = near(named, intents);
  throw wrongUse(
    `there is no intent ${named}${meant.length ? `; did you mean ${meant.join(' or ')}?` : ''}: ${intents.join(', ')}`,
    'phases new',
  );
}

const folded = (name: string): string => identifier(inCatalog(name));

/** @throws Problem `wrong-use` */
function wantedOf(intent: Intent, options: NewPhasesOptions): Wanted {
  const { table, column = [], to, into = [], set = [], back = [], by = [], ...rest } = options;
  if (!table) throw wrongUse('--table is missing', 'phases new');
  const wanted: Wanted = {
    ...{ table, columns: column.map(folded), by: by.map(folded) },
    ...{
      to: to && folded(to),
      into: pairsOf(into, '--into'),
      set: pairsOf(set, '--set'),
      back: pairsOf(back, '--back'),
    },
    ...{ type: rest.type, toTable: rest.toTable, expression: rest.expression },
    ...{ name: rest.name && folded(rest.name), onDelete: rest.onDelete, published: rest.published },
  };
  const missing = needed[intent].filter((key) => isEmpty(wanted[key]));
  if (missing.length)
    throw wrongUse(`${intent} needs ${missing.map((key) => flags[key] ?? key).join(', ')}`, 'phases new');
  return wanted;
}

const flags: Partial<Record<keyof Wanted, string>> = {
  columns: '--column',
  to: '--to',
  type: '--type',
  into: '--into',
  set: '--set',
  back: '--back',
  toTable: '--to-table',
  by: '--by',
  expression: '--expression',
  name: '--name',
};

const isEmpty = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.keys(value).length === 0);

/** `name=expression`, as often as it is given. @throws Problem `wrong-use` */
function pairsOf(given: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^\s*("(?:[^"]|"")+"|[^\s="]+)\s*=\s*([^]+)$/.exec(text) ?? [];
      if (!name || !value) throw wrongUse(`${flag} takes COLUMN=…, not ${text}`, 'phases new');
      return [folded(name), value.trim()];
    }),
  );
}

/** `orders-note-remark`: what people call it, also its backfill. */
function nameFor(intent: Intent, { table, columns, to, name }: Wanted): string {
  const words = [
    localOf(table),
    ...columns,
    ...(to ? [to] : []),
    ...(columns.length ? [] : [name ?? intent]),
  ];
  const text = words
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return text.slice(0, 32).replace(/-+$/, '');
}

function changeNamed(change: string): string {
  if (isChangeName(change)) return change;
  throw wrongUse(
    `--change takes 1 to 40 of a-z, 0-9 and . _ -, beginning with a letter or digit, not ${change}`,
    'phases new',
  );
}
