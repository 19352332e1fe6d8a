import { userInfo } from 'node:os';
import { malformedDatabaseUrl } from '../../domain/problems/database.js';

export const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof tlsModes)[number];

/** Where a database is, and how to get in. */
export interface Connection {
  /** Name, address, or the folder of the server's socket. */
  host: string;
  port: number;
  database: string;
  user: string;
  password?: string;
  /** Settings for the session, as `-c name=value`. */
  options?: string;
  tls: { mode: TlsMode; rootCertificate?: string; certificate?: string; key?: string };
}

/**
 * Strict on purpose: a password with a bare `/` or `?` cannot be told from a path. The driver's name that
 * SQLAlchemy wants (`postgresql+asyncpg`) is passed over.
 */
const shape =
  /^postgres(?:ql)?(?:\+\w+)?:\/\/(?:(?<user>[^:/?]*?)(?::(?<password>[^/?]*))?@)?(?<host>\[[^\]]*\]|[^:/?]*)(?::(?<port>\d*))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;

/**
 * Reads a URL as libpq would (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
 * What it leaves out is localhost, 5432, the name of the system's user, and a database of that name.
 *
 * @throws Problem `malformed-database-url`
 */
export function connectionOf(url: string): Connection {
  const parts = shape.exec(url.trim())?.groups;
  if (!parts) throw malformedDatabaseUrl('it does not have the shape of a PostgreSQL URL');
  const given = new URLSearchParams(parts['query'] ?? '');
  const part = (name: string) => decoded(parts[name]) || undefined;
  const user = given.get('user') ?? part('user') ?? userInfo().username;
  const password = given.get('password') ?? part('password');
  const options = given.get('options');
  return {
    host: given.get('host') ?? part('host')?.replace(/^\[|\]$/g, '') ?? 'localhost',
    port: portOf(given.get('port') ?? part('port')),
    database: given.get('dbname') ?? part('database') ?? user,
    user,
    ...(password ? { password } : {}),
    ...(options ? { options } : {}),
    tls: tlsOf(given),
  };
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    throw malformedDatabaseUrl('a % in it is not followed by two hexadecimal digits');
  }
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 5432);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw malformedDatabaseUrl(`${text} is not a port`);
}

function tlsOf(given: URLSearchParams): Connection['tls'] {
  // asyncpg calls it ssl.
  const mode = given.get('sslmode') ?? given.get('ssl') ?? 'prefer';
  const known = tlsModes.find((each) => each === mode);
  if (!known) throw malformedDatabaseUrl(`sslmode ${mode} is none of ${tlsModes.join(', ')}`);
  const [rootCertificate, certificate, key] = ['sslrootcert', 'sslcert', 'sslkey'].map((name) =>
    given.get(name),
  );
  return {
    mode: known,
    ...(rootCertificate ? { rootCertificate } : {}),
    ...(certificate ? { certificate } : {}),
    ...(key ? { key } : {}),
  };
}

export const isSocket = ({ host }: Connection): boolean => host.startsWith('/');

/** For people: `host:port`, or the socket. Never with a password. */
export const addressOf = (connection: Connection): string =>
  isSocket(connection) ? connection.host : `${connection.host}:${connection.port}`;

/**
 * The connection for PostgreSQL's own tools, as environment: arguments are seen by every user of the machine.
 *
 * @param applicationName - shown in pg_stat_activity, so that an orphan can be found
 */
export function libpqEnvironment(connection: Connection, applicationName: string): Record<string, string> {
  const { host, port, user, database, password, options, tls } = connection;
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    // Empty counts as unset for libpq, and hides what the worker's own environment may hold.
    PGPASSWORD: password ?? '',
    PGOPTIONS: options ?? '',
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: '10',
    PGSSLMODE: tls.mode,
    ...(tls.rootCertificate ? { PGSSLROOTCERT: tls.rootCertificate } : {}),
    ...(tls.certificate ? { PGSSLCERT: tls.certificate } : {}),
    ...(tls.key ? { PGSSLKEY: tls.key } : {}),
    // Messages that we read must be in English.
    LC_ALL: 'C',
  };
}

/**
 * What settings of a role may forbid, or end. Commits need no flushing one by one: what is restored counts from a mark
 * on that is committed after all of it.
 */
const OURS = [
  ...['default_transaction_read_only=off', 'statement_timeout=0', 'lock_timeout=0'],
  'synchronous_commit=off',
];

/** The same for tools that restore: pg_restore and psql leave it to the settings of the role whether they may. */
export function restoringEnvironment(
  connection: Connection,
  applicationName: string,
): Record<string, string> {
  const options = [connection.options ?? '', ...OURS.map((each) => `-c ${each}`)].join(' ').trim();
  return { ...libpqEnvironment(connection, applicationName), PGOPTIONS: options };
}
