import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A project from PyPI with a long history of revisions. */
export interface Project {
  packages: readonly (readonly string[])[];
  ini: (site: string, url: string) => string;
  /** Python, before the first revision. */
  first: (url: string) => string;
}

const psycopg2 = (url: string) => url.replace('postgresql:', 'postgresql+psycopg2:');

export const projects = {
  prefect: {
    packages: [['prefect==3.4.24', 'psycopg2-binary']],
    // Its own env.py wants the thread that its server starts: the same revision files under a plain one.
    ini: (site) =>
      `[alembic]\nscript_location = migrations\nversion_locations = ${site}/prefect/server/database/_migrations/versions/postgresql\n`,
    first: () => '',
  },
  mlflow: {
    packages: [
      ['--no-deps', 'mlflow==3.18.0'],
      ['sqlalchemy', 'alembic', 'psycopg2-binary', 'mlflow-skinny'],
    ],
    ini: (site, url) =>
      `[alembic]\nscript_location = ${site}/mlflow/store/db_migrations\nsqlalchemy.url = ${psycopg2(url).replaceAll('%', '%%')}\n`,
    first: (url) =>
      `import sqlalchemy; from mlflow.store.db.base_sql_model import Base\nfrom mlflow.store.tracking.dbmodels.initial_models import Base as Initial\nInitial.metadata.create_all(sqlalchemy.create_engine("${psycopg2(url)}"))`,
  },
} satisfies Record<string, Project>;

/** Where the projects are: installed once. */
export const cache = resolve(process.env.LOCKKEEPER_REAL ?? '.lockkeeper/real');

/** Installs it where it is not yet. @returns its interpreter, and the folder of its packages */
export function installed(name: string, { packages }: Project): { python: string; site: string } {
  const venv = join(cache, name);
  const python = join(venv, 'bin', 'python');
  if (!existsSync(python)) {
    mkdirSync(cache, { recursive: true });
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    for (const each of packages)
      execFileSync(python, ['-m', 'pip', 'install', '-q', ...each], { stdio: 'inherit' });
  }
  const where = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
  return { python, site: execFileSync(python, ['-c', where]).toString().trim() };
}
