import { Problem } from '../problem.js';
import { migrationFailed, type FailedMigration } from './alembic-run.js';

/** Nothing can be changed there. Nothing was run. */
export const databaseReadOnly = (standby: boolean) =>
  new Problem('database-read-only', {
    what: standby
      ? 'env.py connects to a standby, which only the primary can change; nothing was run'
      : 'the database takes no changes from this role (default_transaction_read_only is on); nothing was run',
    next: standby
      ? [
          'point env.py to the primary (alembic.environment in lockkeeper.yaml)',
          'after a failover: select pg_is_in_recovery() tells which server is which',
        ]
      : [
          'find out who switched it on and why: select * from pg_db_role_setting',
          'then: alter database … reset default_transaction_read_only, or the same of the role',
        ],
    retry: false,
  });

/** A pooler in transaction mode: locks and settings of a session are not ours from one transaction to the next. */
export const sessionsPooled = (why: string) =>
  new Problem('sessions-pooled', {
    what: 'env.py connects through a pooler such as PgBouncer in transaction mode, and a migration needs a session of its own',
    why,
    next: [
      'point env.py to PostgreSQL itself, or to a pool in session mode (alembic.environment in lockkeeper.yaml)',
      'the application may keep its pooler',
    ],
    retry: false,
  });

/** PostgreSQL runs it outside of transactions only, and so in no savepoint either. */
export function notInTransaction(facts: FailedMigration): Problem {
  const { told } = migrationFailed(facts);
  return new Problem('migration-not-in-transaction', {
    ...told,
    next: [
      'run it outside of the transaction: with op.get_context().autocommit_block(): op.execute(…)',
      ...told.next,
    ],
  });
}
