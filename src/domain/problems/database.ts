import { Problem } from '../problem.js';
import { duration } from '../units.js';

/** The database's address cannot be read. The address itself is not shown: it may hold a password. */
export const malformedDatabaseUrl = (why: string) =>
  new Problem('malformed-database-url', {
    what: 'the database URL cannot be read',
    why,
    next: [
      'write it as postgresql://user:password@host:5432/database',
      'in user and password write special characters as %40 (@), %2F (/), %3F (?), %23 (#), %25 (%)',
    ],
    retry: false,
  });

/** Nothing answers at the address, or nothing that speaks PostgreSQL. */
export const databaseUnreachable = (address: string, why: string) =>
  new Problem('database-unreachable', {
    what: `PostgreSQL at ${address} cannot be reached`,
    why,
    next: [
      'see that the server runs and that host and port are right',
      `pg_isready -d ${asOptions(address)}`,
    ],
    retry: true,
  });

const asOptions = (address: string): string => {
  const at = address.lastIndexOf(':');
  return at < 0 ? `'host=${address}'` : `'host=${address.slice(0, at)} port=${address.slice(at + 1)}'`;
};

/** The server is there, but starts, stops or recovers. */
export const databaseNotReady = (address: string, why: string) =>
  new Problem('database-not-ready', {
    what: `PostgreSQL at ${address} is not ready`,
    why,
    next: ['wait until it has started, then try again', 'if it stays so, read the log of the server'],
    retry: true,
  });

export const wrongPassword = (user: string, address: string, why: string) =>
  new Problem('wrong-password', {
    what: `PostgreSQL at ${address} refused the password of the role ${user}`,
    why,
    next: [
      'correct the password in the environment or the file that lockkeeper.yaml names',
      'PostgreSQL gives the same answer for a role that does not exist: check the name, too',
    ],
    retry: false,
  });

export const noSuchRole = (user: string, address: string, why: string) =>
  new Problem('no-such-role', {
    what: `PostgreSQL at ${address} has no role ${user}`,
    why,
    next: ['correct the user in the database URL', `or create it: CREATE ROLE "${user}" LOGIN`],
    retry: false,
  });

export const noSuchDatabase = (database: string, address: string, why: string) =>
  new Problem('no-such-database', {
    what: `PostgreSQL at ${address} has no database ${database}`,
    why,
    next: ['correct the database in the database URL', `or create it: CREATE DATABASE "${database}"`],
    retry: false,
  });

/** The role exists, but may not log in, not from here, or not into this database. */
export const loginRefused = (user: string, database: string, address: string, why: string) =>
  new Problem('login-refused', {
    what: `PostgreSQL at ${address} does not let the role ${user} into the database ${database}`,
    why,
    next: [
      'see pg_hba.conf of the server (SELECT * FROM pg_hba_file_rules)',
      `GRANT CONNECT ON DATABASE "${database}" TO "${user}"; ALTER ROLE "${user}" LOGIN`,
    ],
    retry: false,
  });

export const databaseClosed = (database: string, address: string, why: string) =>
  new Problem('database-closed', {
    what: `the database ${database} at ${address} accepts no connections`,
    why,
    next: [
      'find out who closed it and why: a restore may be at work',
      `then open it from another database: ALTER DATABASE "${database}" ALLOW_CONNECTIONS true`,
    ],
    retry: false,
  });

export const tooManyConnections = (address: string, why: string) =>
  new Problem('too-many-connections', {
    what: `PostgreSQL at ${address} has no free connection`,
    why,
    next: [
      'end sessions that nobody needs (SELECT * FROM pg_stat_activity), or make the pools smaller',
      'or raise max_connections, or the limit of the role or database',
    ],
    retry: true,
  });

/** Encryption is asked for by one side and not to be had from the other, or its certificate is not trusted. */
export const encryptionFailed = (address: string, why: string) =>
  new Problem('encryption-failed', {
    what: `no encrypted connection to PostgreSQL at ${address} could be made as asked`,
    why,
    next: [
      'set sslmode in the database URL to what the server offers (disable, prefer, require, verify-full)',
      'with verify-ca and verify-full name the certificate of the authority: sslrootcert=/path/ca.pem',
    ],
    retry: false,
  });

/** The connection was there and went away: ended by the server, an operator or the network. */
export const connectionLost = (address: string, why: string) =>
  new Problem('connection-lost', {
    what: `the connection to PostgreSQL at ${address} was lost`,
    why,
    next: ['see whether the server runs, and its log', 'try again'],
    retry: true,
  });

/** Another session holds a lock that even reading the schema must wait for. */
export const schemaLocked = (waitedMs: number, why: string) =>
  new Problem('schema-locked', {
    what: `the schema could not be read within ${duration(waitedMs)}: another session keeps a table or view for itself`,
    why,
    next: [
      "see who: SELECT pid, query FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE mode = 'AccessExclusiveLock'",
      'wait until that is done, then try again',
    ],
    retry: true,
  });

/** A query that the user wrote fails. */
export const queryFailed = (query: string, why: string) =>
  new Problem('query-failed', {
    what: `the query fails: ${shortened(query)}`,
    why,
    next: ['correct the query in lockkeeper.yaml', 'try it with psql'],
    retry: false,
  });

/** A query that the user wrote took longer than it may. */
export const queryTooSlow = (query: string, limitMs: number) =>
  new Problem('query-too-slow', {
    what: `the query took longer than ${duration(limitMs)}: ${shortened(query)}`,
    next: ['look at its plan with EXPLAIN', 'or allow it more time in lockkeeper.yaml'],
    retry: true,
  });

/** A query that should only look would change something. */
export const queryWrites = (query: string, why: string) =>
  new Problem('query-writes', {
    what: `the query would change the database, and was not let: ${shortened(query)}`,
    why,
    next: ['write it as a SELECT that changes nothing'],
    retry: false,
  });

const shortened = (query: string): string => {
  const line = query.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};
