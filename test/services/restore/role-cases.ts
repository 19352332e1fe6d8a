import { swapIn } from '../../../src/activities/restore-swap.js';
import { verifyRestored } from '../../../src/activities/restore-verify.js';
import { dropCopy, restoreBeside } from '../../../src/adapters/backup/restore-beside.js';
import { restoreElsewhere } from '../../../src/adapters/backup/restore-elsewhere.js';
import { swapDatabases } from '../../../src/adapters/postgres/swap.js';
import { withDatabase } from '../../../src/adapters/postgres/databases.js';
import { installedPostgres } from '../../support/installed-postgres.js';
import { binFolder, oneValue, run, take } from '../backup/support.js';
import { check, type FaultCase, proved, rows } from './fault-cases.js';
import { dropNamed, leftOf, nameOf, problem, work } from './support.js';

const worst = [
  ...["statement_timeout = '20ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '20ms'"],
  ...["idle_session_timeout = '200ms'", "transaction_timeout = '50ms'", 'default_transaction_read_only = on'],
  ...[
    'search_path = nowhere, public',
    "DateStyle = 'German'",
    'row_security = off',
    'extra_float_digits = -5',
  ],
  ...["default_transaction_isolation = 'serializable'", 'quote_all_identifiers = on'],
];

/** Roles that are not there, and settings of roles and databases that would end or change a restore. */
export const roleCases: readonly FaultCase[] = [
  {
    row: 13,
    name: 'roles that are not there any more are told with how to make them, before anything is made',
    first: `CREATE ROLE lk_gone_${process.pid}; CREATE ROLE "lk Gone ${process.pid}";
      CREATE TABLE owned (id int); ALTER TABLE owned OWNER TO lk_gone_${process.pid}; GRANT SELECT ON orders TO "lk Gone ${process.pid}"`,
    async act(prepared) {
      const { url } = prepared.project;
      const roles = [`lk_gone_${process.pid}`, `"lk Gone ${process.pid}"`];
      await run(url, roles.map((role) => `DROP OWNED BY ${role}; DROP ROLE ${role}`).join('; '));
      const told = await problem(check(prepared));
      expect(told.code).toBe('restore-obstructed');
      expect(told.message).toContain(`CREATE ROLE "lk_gone_${process.pid}" NOLOGIN`);
      expect(told.message).toContain(`CREATE ROLE "lk Gone ${process.pid}" NOLOGIN`);
      expect(await leftOf(url)).toEqual([]);
      await run(url, roles.map((role) => `CREATE ROLE ${role} NOLOGIN`).join('; '));
      try {
        await swapIn(prepared.home, await proved(prepared), work());
        const owner = `SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'owned'`;
        expect(await oneValue(url, owner)).toBe(roles[0]);
      } finally {
        await dropNamed(url, await leftOf(url));
        await run(url, roles.map((role) => `DROP OWNED BY ${role}; DROP ROLE ${role}`).join('; '));
      }
    },
  },
  {
    row: 13,
    name: 'roles that another server does not have are told; once they are there it is restored, and compared',
    first: `CREATE ROLE lk_there_${process.pid}; GRANT SELECT ON orders TO lk_there_${process.pid}`,
    async act({ project: { url }, input: { backup } }) {
      const role = `lk_there_${process.pid}`;
      const other = await installedPostgres(await binFolder());
      try {
        const options = { name: 'elsewhere', pgBin: await binFolder(), jobs: 2, attempt: 1 };
        const work = { signal: new AbortController().signal, onProgress: () => {} };
        const restore = () =>
          restoreElsewhere(other.url('shop_new'), backup, {
            ...{ ...options, ...work, applicationName: 'lockkeeper:test:elsewhere' },
          });
        const told = await problem(restore());
        expect(told.code).toBe('elsewhere-unfit');
        expect(told.message).toContain(`CREATE ROLE "${role}" NOLOGIN`);
        await run(other.url('postgres'), `CREATE ROLE ${role} NOLOGIN`);
        expect((await restore()).place).toMatch(/^shop_new on /);
        const may = `SELECT has_table_privilege('${role}', 'orders', 'SELECT') AND count(*) = 1000 FROM orders`;
        expect(await oneValue(other.url('shop_new'), may)).toBe(true);
      } finally {
        await other.stop();
        await run(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
      }
    },
  },
  {
    row: 14,
    name: 'the database has the worst settings: restored, compared, swapped all the same, and has them still',
    async act(prepared) {
      const { url } = prepared.project;
      for (const each of worst) await run(url, `ALTER DATABASE "${nameOf(url)}" SET ${each}`);
      await run(url, 'DELETE FROM public.orders WHERE id > 900');
      const step = await proved(prepared);
      await swapIn(prepared.home, step, work());
      await verifyRestored(prepared.home, step, work());
      const set = `SELECT cardinality(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase AND setrole = 0
        WHERE datname = current_database()`;
      expect(await oneValue(url, set)).toBe(worst.length);
      await run(url, `ALTER DATABASE "${nameOf(url)}" RESET ALL`);
      expect(await rows(prepared)).toBe(1000);
    },
  },
  {
    row: 14,
    name: 'the role has the worst settings: restored beside, compared and swapped all the same',
    async act({ project: { url } }) {
      const role = `lk_worst_${process.pid}`;
      const admin = withDatabase(url, 'postgres');
      const as = new URL(url);
      [as.username, as.password] = [role, 'secret'];
      await run(admin, `CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'secret'`);
      try {
        for (const each of worst) await run(admin, `ALTER ROLE ${role} SET ${each}`);
        const applicationName = `lockkeeper:test:${role}`;
        const backup = await take(as.href, { applicationName });
        const options = {
          name: 'restore worst 1',
          pgBin: await binFolder(),
          jobs: 2,
          applicationName,
          attempt: 1,
        };
        const { signal } = new AbortController();
        const copy = await restoreBeside({ url: as.href }, backup, {
          ...options,
          signal,
          onProgress: () => {},
        });
        const keepAs = `${nameOf(url)}_kept`;
        await swapDatabases({ applicationName, url: as.href, restored: copy.name, keepAs });
        expect(await oneValue(url, 'SELECT count(*)::int FROM public.orders')).toBe(1000);
        await dropCopy(url, keepAs, applicationName);
      } finally {
        await run(admin, `REASSIGN OWNED BY ${role} TO postgres; DROP ROLE ${role}`);
      }
    },
  },
];
