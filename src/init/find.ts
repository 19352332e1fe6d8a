import { findAlembic, findPython, type AlembicFound } from './find-alembic.js';
import { findDatabase, type DatabaseFound } from './find-database.js';
import { findService, type ServiceFound } from './find-service.js';
import { findHealthPath, findSite, type SiteFound } from './find-site.js';
import { has, type ProjectFiles } from './project-files.js';

/** What a folder says of its application. What it does not say is null. */
export interface Found {
  /** Name for the target, made of the folder's. */
  target: string;
  git: boolean;
  alembic: AlembicFound | null;
  python: string | readonly string[] | null;
  database: DatabaseFound | null;
  service: ServiceFound | null;
  site: SiteFound | null;
  health: { url: string; guessed: boolean } | null;
}

export function find(files: ProjectFiles): Found {
  const alembic = findAlembic(files);
  const [service, site, path] = [findService(files), findSite(files), findHealthPath(files)];
  const port = service?.port ?? site?.port ?? null;
  return {
    target:
      files.folder
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 63) || 'application',
    git: has(files, '.git'),
    alembic,
    python: findPython(files, alembic?.project ?? '.'),
    database: findDatabase(files),
    service,
    site,
    health: port ? { url: `http://127.0.0.1:${port}${path ?? '/health'}`, guessed: path === null } : null,
  };
}
