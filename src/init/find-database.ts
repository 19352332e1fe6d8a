import { textsOf, type ProjectFiles } from './project-files.js';

export interface DatabaseFound {
  /** The URL as references: `${DATABASE_URL}`. Never a value. */
  url: string;
  /** Environment variables that it needs. */
  names: readonly string[];
  /** The file that names them. */
  where: string;
}

const URL_NAME = /\b[A-Z0-9_]*(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|SQLALCHEMY)[A-Z0-9_]*_(?:URL|URI|DSN)\b/g;

/** Where a name is looked for, the surest first. */
const PLACES = [
  /(^|\/)env\.py$/,
  /(^|\/)(settings|config|database|db)[^/]*\.py$/,
  /(^|\/)(settings|config|core)\/[^/]*\.py$/,
  /(^|\/)\.env[^/]*$/,
  /compose[^/]*\.ya?ml$/,
];

/** The environment variables that hold the database's URL, or its parts; null when nothing names any. */
export function findDatabase(files: ProjectFiles): DatabaseFound | null {
  const texts = PLACES.flatMap((place) => textsOf(files, place));
  for (const [where, text] of texts) {
    const name = urlName(text);
    if (name) return { url: `\${${name}}`, names: [name], where };
  }
  for (const [where, text] of texts) {
    const parts = partsOf(text);
    if (parts) return { ...parts, where };
  }
  return null;
}

/** The shortest name: beside DATABASE_URL there is often a TEST_DATABASE_URL. */
function urlName(text: string): string | undefined {
  const names = [...(text.match(URL_NAME) ?? []), ...pydanticNames(text)];
  return names.filter((name) => !/TEST/.test(name)).sort((a, b) => a.length - b.length)[0];
}

/** Pydantic reads the field `database_url` from DATABASE_URL, with the class's prefix if it has one. */
function pydanticNames(text: string): string[] {
  if (!text.includes('BaseSettings')) return [];
  const prefix = /env_prefix\s*[=:]\s*["'](\w*)["']/.exec(text)?.[1] ?? '';
  const fields = [
    ...text.matchAll(/^\s+((?:\w+_)?(?:database|db|postgres|pg|sqlalchemy)\w*_(?:url|uri|dsn))\s*:/gim),
  ];
  return fields.map(([, field]) => `${prefix}${field}`.toUpperCase());
}

function partsOf(text: string): Pick<DatabaseFound, 'url' | 'names'> | null {
  const prefix = /\b(POSTGRES|PG|DB|DATABASE)_?(?:USER|PASSWORD)\b/.exec(text)?.[1];
  if (!prefix) return null;
  const part = (...names: string[]) =>
    names.map((name) => new RegExp(`\\b${prefix}_?${name}\\b`).exec(text)?.[0]).find(Boolean);
  const [user, password] = [part('USER'), part('PASSWORD')];
  const [host, port, database] = [part('HOST', 'SERVER'), part('PORT'), part('DB', 'DATABASE', 'NAME')];
  if (!user || !database) return null;
  const reference = (name: string | undefined, byDefault = '') => (name ? `\${${name}}` : byDefault);
  const who = reference(user) + (password ? `:${reference(password)}` : '');
  const place = `${reference(host, '127.0.0.1')}:${reference(port, '5432')}`;
  return {
    url: `postgresql://${who}@${place}/${reference(database)}`,
    names: [user, password, host, port, database].filter((name) => name !== undefined),
  };
}
