import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';

const UPGRADES = /\balembic\b[^#\n]*\bupgrade\b|\bflask\s+db\s+upgrade\b/;
/** Python that upgrades when it is imported or started. */
const CALLS = /\bcommand\.upgrade\s*\(/;
const SHOWN = 5;
const folders = ['', 'docker', 'deploy', 'scripts', 'bin', 'app', 'src'];

/**
 * Looks for images and start commands that migrate by themselves: in Dockerfiles, start scripts, compose files, the
 * Procfile, and Python at the top of the application.
 *
 * @param root - folder of the project
 * @returns `file:line: what stands there`, at most five; paths relative to the folder
 */
export async function selfMigrating(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders.map((name) => join(root, name)).filter(existsSync)) {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const search = searchFor(entry.name);
      if (search)
        found.push(...(await linesIn(path, search)).map((line) => `${relative(root, path)}:${line}`));
    }
  }
  return found.slice(0, SHOWN);
}

type Search = (lines: readonly string[]) => number[];

function searchFor(name: string): Search | null {
  if (/^(docker-)?compose[^/]*\.ya?ml$/.test(name)) return inCompose;
  if (/^(Docker|Container)file|\.(Docker|docker|Container)file$/.test(name))
    return atStart(/^\s*(CMD|ENTRYPOINT)\b/);
  if (/^Procfile/.test(name)) return all(UPGRADES);
  if (/(entry-?point|start|run|boot|init|serve).*\.sh$|^(entrypoint|start)$/.test(name)) return all(UPGRADES);
  return /^(main|app|asgi|wsgi|__init__|server|startup|lifespan)\.py$/.test(name) ? all(CALLS) : null;
}

const all =
  (wanted: RegExp): Search =>
  (lines) =>
    lines.flatMap((line, at) => (wanted.test(line) && !/^\s*#/.test(line) ? [at] : []));

/** What a Dockerfile runs while it builds is no start. */
function atStart(instruction: RegExp): Search {
  return (lines) => {
    let inside = false;
    return lines.flatMap((line, at) => {
      inside = instruction.test(line) || (inside && (lines[at - 1] ?? '').trimEnd().endsWith('\\'));
      return inside && UPGRADES.test(line) ? [at] : [];
    });
  };
}

/** A service that is there to migrate is run by hand. */
function inCompose(lines: readonly string[]): number[] {
  let service = '';
  return lines.flatMap((line, at) => {
    service = /^(?: {2}|\t)([\w.-]+):\s*(?:#.*)?$/.exec(line)?.[1] ?? service;
    return UPGRADES.test(line) && !/^\s*#/.test(line) && !/migrat|alembic/i.test(service) ? [at] : [];
  });
}

async function linesIn(path: string, search: Search): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return search(lines).map((at) => `${at + 1}: ${(lines[at] ?? basename(path)).trim().slice(0, 100)}`);
}
