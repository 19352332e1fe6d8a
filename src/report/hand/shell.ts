import type { HandCommand, HandSettings } from '../../domain/hand.js';

/** A word that a shell takes as it is. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const REFERENCE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g;

/** A setting with its references for a shell: `${NAME}` stays a variable, `file:PATH` is read when it is needed. */
export function referring(text: string, folder: string): string {
  if (text.startsWith('file:')) return `"$(head -n 1 ${quoted(absolute(text.slice(5), folder))})"`;
  if (!text.match(REFERENCE)) return quoted(text);
  const parts = text.split(REFERENCE).map((part) => part.replace(/["\\$`]/g, '\\$&'));
  const names = text.match(REFERENCE) ?? [];
  return `"${parts.map((part, index) => part + (names[index] ?? '')).join('')}"`;
}

const absolute = (path: string, folder: string): string =>
  path.startsWith('/') ? path : `${folder}/${path}`;

/** The variables that settings refer to. */
export const variablesIn = (texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => (text.match(REFERENCE) ?? []).map((name) => name.slice(2, -1)))),
];

const exported = (variables: Readonly<Record<string, string>>, folder: string): string[] =>
  Object.entries(variables).map(([name, text]) => `  export ${name}=${referring(text, folder)}`);

export const commandLine = (command: HandCommand): string =>
  typeof command === 'string' ? `sh -c ${quoted(command)}` : command.map(quoted).join(' ');

/** Lines that are done in a folder, with variables that nothing else sees. */
export const inFolder = (
  at: string,
  variables: Readonly<Record<string, string>>,
  lines: readonly string[],
  folder: string,
): string[] => [
  '(',
  `  cd ${quoted(at)}`,
  ...exported(variables, folder),
  ...lines.map((line) => `  ${line}`),
  ')',
];

/** Commands of the user as a step runs them. */
export const usersCommands = (
  { folder, target, deploy }: HandSettings,
  commands: readonly HandCommand[],
  variables: Readonly<Record<string, string>>,
): string[] =>
  inFolder(
    folder,
    { ...deploy?.environment, ...variables, LOCKKEEPER_TARGET: target },
    commands.map(commandLine),
    folder,
  );

/** SQL for psql, which ends with the first error. `to`: the variable that leads there. */
export const psql = (
  to: 'LIVE' | 'SERVER',
  sql: readonly string[],
  values: Readonly<Record<string, string>> = {},
): string[] => [
  [
    `psql -X -v ON_ERROR_STOP=1`,
    ...Object.entries(values).map(([name, value]) => `-v ${name}=${quoted(value)}`),
    `"$${to}" <<'SQL'`,
  ].join(' '),
  ...sql,
  'SQL',
];

/** One value that psql prints. */
export const ask = (to: 'LIVE' | 'SERVER', sql: string): string => `psql -XAt "$${to}" -c ${quoted(sql)}`;

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name in SQL that means exactly these characters. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
