import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ContractStep, Mentions } from '../domain/phase.js';
import { literally } from '../domain/pattern.js';
import { wordOf } from '../domain/phase.js';
import { inCatalog, localOf } from '../domain/sql-name.js';

/** More than these are no sources of one application. */
const MOST_FILES = 5_000;
const MOST_BYTES = 1_000_000;
const PLACES = 3;
const skipped =
  /^(\..*|node_modules|venv|env|__pycache__|site-packages|dist|build|tests?|migrations_archive)$/;

/**
 * Looks for tables and columns in the Python and SQL files below a folder. Its revision files are left out: they
 * speak of all that ever was.
 *
 * @returns null when there is no such folder, or too much in it to say
 */
export async function mentionsIn(
  folder: string,
  steps: readonly Pick<ContractStep, 'table' | 'column'>[],
): Promise<Mentions | null> {
  const paths = existsSync(folder) ? await sources(folder) : null;
  if (!paths) return null;
  const words = [...new Map(steps.map((step) => [wordOf(step), searchFor(step)])).entries()];
  const found = new Map(words.map(([word]) => [word, { beside: [] as string[], alone: [] as string[] }]));
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    const lines = text.split('\n');
    for (const [word, search] of words) look(search, text, lines, relative(folder, path), found.get(word));
  }
  return {
    files: paths.length,
    found: Object.fromEntries([...found].map(([word, { beside, alone }]) => [word, told(beside, alone)])),
  };
}

interface Search {
  table: RegExp;
  column?: RegExp;
}
interface Found {
  /** A column where its file also names the table; a table in quotes or in SQL. */
  beside: string[];
  alone: string[];
}

function searchFor({ table, column }: Pick<ContractStep, 'table' | 'column'>): Search {
  const asWord = (name: string) => new RegExp(`(?<!\\w)${literally(inCatalog(name))}(?!\\w)`);
  return { table: asWord(localOf(table)), ...(column === undefined ? {} : { column: asWord(column) }) };
}

function look(
  { table, column }: Search,
  text: string,
  lines: readonly string[],
  path: string,
  found?: Found,
): void {
  const word = column ?? table;
  if (!found || !word.test(text)) return;
  const inSql = path.endsWith('.sql');
  const named = new RegExp(`["'\`]${word.source}|(from|join|into|update|table)\\s+${word.source}`, 'i');
  const near = column !== undefined && table.test(text);
  for (const [at, line] of lines.entries()) {
    if (!word.test(line) || /^\s*(#|--)/.test(line)) continue;
    const quoted = column === undefined && (inSql || named.test(line));
    (near || quoted ? found.beside : found.alone).push(`${path}:${at + 1}`);
  }
}

function told(beside: readonly string[], alone: readonly string[]) {
  const usage =
    beside.length > 0 ? ('yes' as const) : alone.length > 0 ? ('maybe' as const) : ('no' as const);
  return { usage, places: (beside.length > 0 ? beside : alone).slice(0, PLACES) };
}

async function sources(root: string): Promise<string[] | null> {
  const files: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.map(({ name }) => name);
    if (names.includes('env.py') && names.includes('script.py.mako')) continue; // Alembic's own folder
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skipped.test(entry.name)) waiting.push(path);
      if (entry.isFile() && /\.(py|sql)$/.test(entry.name) && (await stat(path)).size <= MOST_BYTES)
        files.push(path);
    }
    if (files.length > MOST_FILES) return null;
  }
  return files.sort();
}
