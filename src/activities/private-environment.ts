import { addressOf, type Connection, connectionOf } from '../adapters/postgres/connection.js';

type Environment = Readonly<Record<string, string>>;

/** The copy on a private server, and the files that libpq reads instead of the user's own. */
export interface PrivateCopy {
  host: string;
  port: number;
  /** The same name as the live one's. */
  database: string;
  password: string;
  passwordFile: string;
  serviceFile: string;
}

/** Of the environment: what is set differently, who connects, and whether anything in it meant the live server. */
export interface Changed {
  variables: Environment;
  users: ReadonlySet<string>;
  mentions: boolean;
}

const URL_IN_TEXT = /postgres(?:ql)?(?:\+\w+)?:\/\/[^\s"'`,;<>()]+/g;

/**
 * The environment for an env.py that is to find the copy on a private server where it would find the live one, and that
 * has nothing by which the live one could be reached: URLs of it become URLs of the copy wherever they stand, and so do
 * its address and its password; what libpq would read by itself (`~/.pgpass`, services, `PG*`) leads to the copy.
 * A variable that still holds the live password after that is emptied.
 *
 * @param environment - the worker's own variables among them: they are inherited
 */
export function privateEnvironment(environment: Environment, liveUrl: string, copy: PrivateCopy): Changed {
  const live = connectionOf(liveUrl);
  const users = new Set([live.user]);
  const changed: Record<string, string> = {};
  let mentions = false;
  for (const [name, value] of Object.entries(environment)) {
    const text = rewritten(name, value, live, copy, users);
    if (text === value) continue;
    mentions ||= isWay(name, value, live);
    changed[name] = holdsSecret(text, live) ? '' : text;
  }
  const user = environment['PGUSER'];
  if (user) users.add(user);
  return { variables: { ...changed, ...ofLibpq(environment, copy) }, users, mentions };
}

function rewritten(
  name: string,
  value: string,
  live: Connection,
  copy: PrivateCopy,
  users: Set<string>,
): string {
  const urls = value.replace(URL_IN_TEXT, (found) => {
    const connection = parsed(found);
    if (!connection || !isSameServer(connection, live)) return found;
    users.add(connection.user);
    // Another database of that server is not on the private one: that is told by whoever looks for it.
    return urlOfCopy(found, connection.user, { ...copy, database: connection.database });
  });
  if (urls === live.password) return copy.password;
  if (isPart(name, 'HOST|SERVER|ADDR(?:ESS)?') && isSameHost(value, live.host)) return copy.host;
  if (isPart(name, 'PORT') && value === String(live.port)) return String(copy.port);
  const address = addressOf(live);
  const placed = address.includes(':') ? replaceWhole(urls, address, `${copy.host}:${copy.port}`) : urls;
  return isLong(live.password) ? placed.replaceAll(live.password, copy.password) : placed;
}

/** `DB_HOST`, `PGPORT`, `POSTGRES_SERVER`: a bare `HOST` may be of anything. */
const isPart = (name: string, words: string): boolean =>
  new RegExp(`(^PG|DB|DATABASE|POSTGRES|PGSQL).*(${words})$`, 'i').test(name);

/** A URL, or the host beside which the rest is told: by these an env.py finds its database. */
const isWay = (name: string, value: string, live: Connection): boolean =>
  /postgres(?:ql)?(?:\+\w+)?:\/\//.test(value) ||
  isPart(name, 'HOST|SERVER|ADDR(?:ESS)?|PORT') ||
  value.includes(addressOf(live));

/** Not within a longer number: 5432 in 54321. */
function replaceWhole(text: string, what: string, by: string): string {
  return text
    .split(what)
    .reduce((left, right) => left + (/^\d/.test(right) || /[\w.-]$/.test(left) ? what : by) + right);
}

const isLong = (password: string | undefined): password is string => (password?.length ?? 0) >= 6;

const holdsSecret = (text: string, { password }: Connection): boolean =>
  isLong(password) && (text.includes(password) || text.includes(encodeURIComponent(password)));

function parsed(url: string): Connection | undefined {
  try {
    return connectionOf(url);
  } catch {
    return undefined;
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '']);

export const isSameHost = (a: string, b: string): boolean =>
  a.toLowerCase() === b.toLowerCase() || (LOOPBACK.has(a.toLowerCase()) && LOOPBACK.has(b.toLowerCase()));

const isSameServer = (a: Connection, b: Connection): boolean =>
  a.port === b.port && isSameHost(a.host, b.host);

/** Scheme, driver, user and what else is said stay; encryption is not spoken there. */
export function urlOfCopy(url: string, user: string, copy: PrivateCopy): string {
  const [, scheme = 'postgresql'] = /^([^:]+):\/\//.exec(url) ?? [];
  const [, query = ''] = /\?(.*)$/s.exec(url) ?? [];
  const kept = query.split('&').filter((each) => each && !OTHERS.test(each));
  const place = `${copy.host}:${copy.port}/${encodeURIComponent(copy.database)}`;
  const start = `${scheme}://${encodeURIComponent(user)}:${copy.password}@${place}`;
  return kept.length ? `${start}?${kept.join('&')}` : start;
}

const OTHERS =
  /^(ssl\w*|host|hostaddr|port|user|password|dbname|service|passfile|channel_binding|target_session_attrs|gssencmode)=/;

/** Whatever names no server means the copy; what is read from files is read from ours. */
const ofLibpq = (environment: Environment, copy: PrivateCopy): Environment => ({
  PGHOST: copy.host,
  PGPORT: String(copy.port),
  PGDATABASE: copy.database,
  PGPASSWORD: copy.password,
  PGPASSFILE: copy.passwordFile,
  PGSERVICEFILE: copy.serviceFile,
  PGSSLMODE: 'disable',
  PGCHANNELBINDING: 'prefer',
  PGGSSENCMODE: 'disable',
  ...(environment['PGHOSTADDR'] ? { PGHOSTADDR: copy.host } : {}),
  ...(environment['PGTARGETSESSIONATTRS'] ? { PGTARGETSESSIONATTRS: 'any' } : {}),
});

/** The files that libpq reads, in our words. @param service - a name that the environment uses */
export const libpqFiles = (copy: PrivateCopy, service: string | undefined) => ({
  passwords: `${copy.host}:${copy.port}:*:*:${copy.password}\n`,
  services: service ? `[${service}]\nhost=${copy.host}\nport=${copy.port}\ndbname=${copy.database}\n` : '',
});
