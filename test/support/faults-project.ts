import { appendFile, chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { withClient } from '../../src/adapters/postgres/client.js';
import { Site } from '../services/closure/site.js';
import type { Revision } from './alembic-files.js';
import { serveHealth } from './kills-app.js';
import { Project } from './project.js';
import { projectPython } from './servers.js';

export type FaultRisk = 'high' | 'very-high';

/** What each revision does, and how env.py knows its statements. */
const revisions: Record<FaultRisk, Revision & { upPart: string; downPart: string }> = {
  high: {
    ...{ id: '0002_text', upPart: 'type text', downPart: 'type numeric' },
    up: 'op.execute("alter table orders alter column total type text")',
    down: 'op.execute("alter table orders alter column total type numeric using total::numeric")',
  },
  'very-high': {
    ...{ id: '0002_no_total', upPart: 'drop column', downPart: 'add column' },
    up: 'op.drop_column("orders", "total")',
    down: `op.add_column("orders", sa.Column("total", sa.Numeric(), nullable=False, server_default="0"))
    op.alter_column("orders", "total", server_default=None)`,
  },
};

/** Before env.py: a statement fails in the database itself, not on a copy of it. */
const FAILING_ENV_PY = (risk: FaultRisk, home: string): string => `import os

import sqlalchemy


@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "before_cursor_execute")
def fail(connection, cursor, statement, parameters, context, executemany):
    parts = {"migrate": "${revisions[risk].upPart}", "downgrade": "${revisions[risk].downPart}"}
    for what, part in parts.items():
        broken = os.path.exists("${home}/fail-" + what) and "/lk_copy_" not in os.environ["DATABASE_URL"]
        if broken and part in statement.lower():
            raise RuntimeError(what + " is broken")


`;

/** Whoever loads the revision file: the check does. */
const WHEN_LOADED = `\n\nif os.path.exists("../../fail-check"):\n    raise RuntimeError("the file is broken")\n`;

const tool = (pgBin: string, home: string, name: string, words: string): string => `#!/bin/sh
${words}
[ ! -e "${home}/fail-$what" ] || { echo "$what is broken" >&2; exit 1; }
exec ${pgBin}/${name} "$@"
`;

/** A project in which each step of a run that closes the site can be made to fail: by a file \`fail-<what>\`. */
export class FaultProject {
  private constructor(
    readonly project: Project,
    readonly site: Site,
    private readonly app: Server,
  ) {}

  static async make(
    risk: FaultRisk,
    { windows, sick }: { windows: boolean; sick: boolean },
  ): Promise<FaultProject> {
    const site = await Site.open();
    const project = await Project.make({ releases: { r2: [revisions[risk]] } });
    await site.serve(site.snippet({ target: project.target }));
    const app = await serveHealth(project, sick);
    const made = new FaultProject(project, site, app);
    await made.#files(risk);
    await project.configure({
      ...made.#settings(sick),
      ...(windows ? { windows: { [risk]: [inHours()] } } : {}),
    });
    await project.worker();
    return made;
  }

  async #files(risk: FaultRisk): Promise<void> {
    const { project } = this;
    const { pgBin } = project.servers.tools;
    await mkdir(project.path('tools'));
    const written = {
      pg_dump: 'case "$*" in *-closed.dump*) what=back-up-again ;; *) what=back-up ;; esac',
      // Backups are read with it, too.
      pg_restore: 'case "$*" in *--dbname=*) what=restore ;; *) what=read ;; esac',
    };
    for (const [name, words] of Object.entries(written)) {
      const path = project.path('tools', name);
      await writeFile(path, tool(pgBin, project.home, name, words));
      await chmod(path, 0o755);
    }
    for (const name of ['pg_dumpall', 'psql']) await symlink(join(pgBin, name), project.path('tools', name));
    const { id } = revisions[risk];
    await appendFile(project.path('releases', 'r2', 'migrations', 'versions', `${id}.py`), WHEN_LOADED);
    for (const release of await readdir(project.path('releases'))) {
      const env = project.path('releases', release, 'migrations', 'env.py');
      await writeFile(env, FAILING_ENV_PY(risk, project.home) + (await readFile(env, 'utf8')));
    }
  }

  #settings(sick: boolean): Record<string, unknown> {
    const { project, site } = this;
    const { port } = this.app.address() as AddressInfo;
    return {
      release: { running: 'cat running', fetch: ['[ ! -e fail-fetch-release ]'] },
      alembic: {
        python: projectPython,
        project: 'releases/{release}',
        environment: { DATABASE_URL: '${DATABASE_URL}' },
      },
      deploy: {
        commands: ['[ ! -e "fail-$LOCKKEEPER_STEP" ]', 'printf %s "$LOCKKEEPER_RELEASE" > running'],
        environment: { DATABASE_URL: '${DATABASE_URL}' },
      },
      health: {
        url: `http://127.0.0.1:${port}/`,
        expect: { release: '{release}' },
        deadlineSeconds: sick ? 2 : 60,
      },
      verify: [{ name: 'it holds', sql: unlessBroken(project.home), value: 1 }],
      backup: { tools: project.path('tools') },
      rehearsal: { where: 'server' },
      closure: {
        flag: site.flag,
        url: site.url,
        waitSeconds: 1,
        stop: ['[ ! -e fail-maintenance-on ]', `[ ! -e fail-keep ] || ${DROPS_KEPT}`],
        start: ['[ ! -e fail-maintenance-off ]'],
      },
    };
  }

  breaks = (what: string): Promise<void> => writeFile(this.project.path(`fail-${what}`), '');

  /** All of it is well again. */
  async mends(): Promise<void> {
    for (const name of await readdir(this.project.home))
      if (name.startsWith('fail-')) await rm(this.project.path(name));
    await this.sql('drop event trigger if exists lk_fails');
  }

  sql = async <R extends object>(text: string): Promise<R[]> =>
    withClient(
      this.project.url,
      { applicationName: 'test' },
      async (client) => (await client.query<R>(text)).rows,
    );

  async close(): Promise<void> {
    this.app.closeAllConnections();
    this.app.close();
    await this.project.close();
    await this.site.close();
  }
}

const DROPS_KEPT = `tools/psql "$DATABASE_URL" -qc 'drop schema lockkeeper_keep cascade'`;

const unlessBroken = (home: string): string =>
  String.raw`select case when current_database() like 'lk\_%' then 1 else
    1 - ((pg_stat_file('${home}/fail-verify', true)).size is not null)::int end`;

/** A window that no test waits for. */
function inHours(): string {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return `Sun-Sat ${at(6)}-${at(7)} UTC`;
}
