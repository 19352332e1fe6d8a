import { textsOf, type ProjectFiles } from './project-files.js';

export interface SiteFound {
  file: string;
  /** Port on which it listens without TLS; null when it says none. */
  port: number | null;
}

/** nginx's own configuration, known by its words. */
export function findSite(files: ProjectFiles): SiteFound | null {
  const found = textsOf(files, /\.conf(\.template)?$/).find(([, text]) => /\bserver\s*\{/.test(text));
  if (!found) return null;
  const [file, text] = found;
  const port = /^\s*listen\s+(?:[\d.]+:)?(\d+)\s*(?:default_server\s*)?;/m.exec(text)?.[1];
  return { file, port: port ? Number(port) : null };
}

/** The path under which the application says how it is, taken from its routes; null when it has none. */
export function findHealthPath(files: ProjectFiles): string | null {
  for (const [, text] of textsOf(files, /\.py$/)) {
    const path =
      /["'](\/(?:[\w/-]*\/)?(?:health|healthz|healthcheck|health-check|ready|readyz|livez))\/?["']/.exec(
        text,
      );
    if (path) return path[1]!;
  }
  return null;
}
