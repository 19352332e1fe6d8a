import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The Python environment of our own: never the `.venv` beside it, which is the user's. */
export const venvFolder = (home: string = process.cwd()): string =>
  resolve(process.env.LOCKKEEPER_VENV || join(home, '.lockkeeper', '.venv'));

/** Where its packages lie; undefined: there is no such environment. */
export const packagesIn = (venv: string): string | undefined =>
  firstIn(join(venv, 'lib'), /^python3/, 'site-packages');

/** Folder of the PostgreSQL that one of its packages brings, server and tools. */
export function postgresIn(venv: string): string | undefined {
  const packages = packagesIn(venv);
  const postgres = packages && join(packages, 'embedded_postgres', 'pginstall', 'bin', 'postgres');
  return postgres && existsSync(postgres) ? dirname(postgres) : undefined;
}

/** `<folder>/<name that matches>/<file>`, the first that exists. */
export function firstIn(folder: string, name: RegExp, file: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder).filter((entry) => name.test(entry)) : [];
  return names.map((entry) => join(folder, entry, file)).find((path) => existsSync(path));
}
