import { stringify } from 'yaml';
import type { DemoPlace } from './place.js';

/** The settings of the demo's target, as a user would write them: see docs/configuration.md. */
export function demoSettings({ tools, shop, url, env, flag }: DemoPlace): string {
  const serve = [tools.python, `${shop}/bin/serve`];
  const { DATABASE_URL: _, ...plain } = env;
  const settings = {
    version: 1,
    targets: {
      shop: {
        database: { url: SECRET },
        release: { running: [...serve, 'running'] },
        alembic: {
          python: tools.python,
          project: `${shop}/releases/{release}`,
          environment: { DATABASE_URL: SECRET },
        },
        deploy: {
          commands: [[...serve, 'start']],
          environment: { DATABASE_URL: SECRET, ...plain },
        },
        health: { url: `${url}/health`, expect: { release: '{release}' }, deadlineSeconds: 30 },
        verify: [
          { name: 'every table has a primary key', sql: TABLES_WITHOUT_KEY, rows: 0 },
          {
            name: 'orders taken before are unchanged',
            mark: 'select coalesce(max(id), 0) from orders',
            sql: ORDERS_UNDER_MARK,
            unchanged: true,
          },
        ],
        closure: { flag, url: `${url}/products` },
        backup: { tools: tools.pgBin, folder: 'backups' },
      },
    },
  };
  return `# Written by lockkeeper demo. docs/configuration.md names every setting.\n${stringify(settings)}`;
}

/** The file that holds the database's URL, beside the settings, so that commands work in any terminal. */
export const SECRET_FILE = 'database-url';
const SECRET = `file:${SECRET_FILE}`;

const TABLES_WITHOUT_KEY = `
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = 'public' and c.relname <> 'alembic_version'
  and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)`.trim();

/** The money too. For all releases: `orders` has a column `total` up to r6, and `total_cents` after it. */
export const ORDERS_UNDER_MARK = `
select count(*), round(sum(money), 2)
from (select null::numeric as total, null::numeric as total_cents) as absent,
  lateral (select coalesce(total, total_cents / 100.0) as money from orders where id <= {mark}) as taken`.trim();
