const NAME = String.raw`(?:"(?:[^"]|"")+"|[^\s".(),]+)(?:\.(?:"(?:[^"]|"")+"|[^\s".(),]+))*`;

type Naming = readonly [pattern: RegExp, name: (parts: readonly string[]) => string];

/** What a line is about, by how it begins. */
const namings: readonly Naming[] = [
  [
    new RegExp(
      `^((?:materialized |foreign )?(?:table|view)|sequence|schema|extension|event trigger|type) (${NAME})`,
    ),
    ([kind, name]) => `${kind} ${name}`,
  ],
  [new RegExp(`^column (${NAME})`), ([name]) => `column ${name}`],
  [new RegExp(`^constraint (${NAME}) (${NAME})`), ([table, name]) => `constraint ${name} on ${table}`],
  [new RegExp(`^policy (${NAME}) on (${NAME})`), ([name, table]) => `policy ${name} on ${table}`],
  [
    new RegExp(`^CREATE (?:UNIQUE )?INDEX (${NAME}) ON (?:ONLY )?(${NAME})`),
    ([name, table]) => `index ${name} on ${table}`,
  ],
  [
    new RegExp(`^CREATE (?:CONSTRAINT )?TRIGGER (${NAME}) .*? ON (${NAME})`),
    ([name, table]) => `trigger ${name} on ${table}`,
  ],
  [new RegExp(`^CREATE RULE (${NAME}) AS.*? TO (${NAME})`), ([name, table]) => `rule ${name} on ${table}`],
  [new RegExp(`^CREATE STATISTICS (${NAME})`), ([name]) => `statistics ${name}`],
  [new RegExp(`^function (${NAME}\\([^)]*\\))`), ([name]) => `function ${name}`],
  [/^(default grants of .*?):/, ([words]) => String(words)],
  [/^((?:order of columns|tablespace) of .*?): /, ([words]) => String(words)],
  [/^(trigger .*?, a partition):/, ([words]) => String(words)],
  [/^((?:comment on|security label of|details of) .*?):/, ([words]) => String(words)],
  [/^(large objects owner .*): \d+$/, ([words]) => String(words)],
];

/** What a line of a schema's description is about: `index ix_total on public.orders`. */
export function subjectOf(line: string): string {
  for (const [pattern, name] of namings) {
    const found = pattern.exec(line);
    if (found) return name(found.slice(1));
  }
  return line;
}

/**
 * How the schema of a copy differs from that of its backup, in words: each object by its name, and of one that
 * is another the part that differs.
 *
 * @param backup - lines as `describeSchema` or `fingerprint` give them
 */
export function schemaDifferences(backup: readonly string[], copy: readonly string[]): string[] {
  const [had, has] = [new Set(backup), new Set(copy)];
  const missing = backup.filter((line) => !has.has(line));
  const added = copy.filter((line) => !had.has(line));
  const told = missing.map((line) => {
    const subject = subjectOf(line);
    const at = added.findIndex((other) => subjectOf(other) === subject);
    if (at < 0) return `${subject}: in the backup, not in the copy${reasonOf(line)}`;
    const [other = ''] = added.splice(at, 1);
    return `${subject}: ${change(line, other)}`;
  });
  return [...told, ...added.map((line) => `${subjectOf(line)}: not in the backup, in the copy`)];
}

/** pg_dump leaves it out without a word. */
const reasonOf = (line: string): string =>
  /^CREATE (UNIQUE )?INDEX .* invalid/.test(line)
    ? ' (it is invalid, and pg_dump leaves such out: build it anew or drop it)'
    : '';

/** Of two lines the words that only one has. */
function change(before: string, after: string): string {
  const [a, b] = [before.split(' '), after.split(' ')];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [had, has] = [a, b].map((words) => shortened(words.slice(start, words.length - end).join(' ')));
  return `${had} in the backup, ${has} in the copy`;
}

const MOST = 160;

const shortened = (words: string): string => {
  if (!words) return 'nothing';
  return words.length > MOST ? `"${words.slice(0, MOST)}…"` : `"${words}"`;
};
