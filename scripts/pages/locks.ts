import { lockModes, type LockMode } from '../../src/domain/plan.js';
import { blockedBy, paces } from '../../src/locks/forecast.js';
import { subjects } from '../../src/locks/model/index.js';
import { majors, roles, type Role, type Row, type Shape } from '../../src/locks/shape.js';
import type { Page } from './page.js';

/** The lock model, for people. */
export const lockPage = (): Page[] => [{ path: 'docs/locks.md', text: text() }];

const text =
  (): string => `<!-- Written by \`npm run docs\` from src/locks/model; change the model, not this page. -->

# Which statement locks what

What \`lockkeeper check\` knows of PostgreSQL ${majors.first} to ${majors.last}: which relations a statement locks, the ones that it
does not name among them, whom that keeps waiting, and whether the time grows with the table. It is measured:
\`npm run lock-matrix\` runs about 600 statements on real servers and compares what they lock, rewrite, read and build with
what is written here.

- A lock is held until the transaction ends, unless it says *only while it runs*. Whoever waits for a lock keeps those
  behind it in the queue waiting too, so that a statement that is done at once can stop a site for as long as the
  longest query before it takes.
- *reads and writes* wait for ACCESS EXCLUSIVE; *writes* for SHARE and stronger; *DDL* for weaker ones: nobody but
  another change of the schema, VACUUM or ANALYZE.
- Roles are filled from the catalog. Without a database only the relations that the statement names are known, and
  findings say what a catalog would add.
- No version means all of them.

${Object.entries(subjects).map(section).join('\n')}
## How long

Where the size of a table is known, a finding gives a range of seconds. It assumes, in MB of the table with its indexes
a second, unless a rehearsal has measured this server:

| work | from | to |
|---|--:|--:|
${Object.entries(paces).map(paceRow).join('\n')}

A rewrite needs the table and its indexes once more, on the disk and in the WAL, until the transaction ends; an index is
taken to need a quarter of that.
`;

const works: Record<string, string> = {
  scan: 'all rows are read',
  rewrite: 'written anew, with all indexes',
  copy: 'written anew',
  build: 'an index is built',
  rebuild: 'all indexes are built',
};

const paceRow = ([work, [slow, fast]]: [string, readonly [number, number]]): string =>
  `| ${works[work] ?? work} | ${slow / 1e6} | ${fast / 1e6} |`;

const section = ([subject, shapes]: [string, Record<string, Shape>]): string =>
  [
    `## ${subject}`,
    '',
    '| statement | locks | versions | who waits | and works on it |',
    '|---|---|---|---|---|',
    ...Object.entries(shapes).flatMap(([name, shape]) => rows(name, shape)),
    '',
  ].join('\n');

/** One line a lock, the strongest first; what the statement is stands in the first. */
function rows(name: string, shape: Shape): string[] {
  const strongest = [...shape.rows].sort((a, b) => lockModes.indexOf(b.lock) - lockModes.indexOf(a.lock));
  const title = `**${name}**${notes(shape)}<br>\`${shape.sql.replaceAll('|', '\\|')}\``;
  if (strongest.length === 0) return [`| ${title} | no relation | | nobody | |`];
  return together(strongest).map((line, at) => `| ${at === 0 ? title : ''} | ${line} |`);
}

function notes({ alone, brief, note }: Shape): string {
  const range = alone && versions(alone[0], alone[1]);
  return [
    ...(alone ? [`in no transaction${range ? ` on ${range}` : ''}`] : []),
    ...(brief ? ['locks only while it runs'] : []),
    ...(note ? [note.replace(/\.$/, '')] : []),
  ]
    .map((each) => `; ${each}`)
    .join('');
}

/** Roles with the same lock, versions and work on one line. */
function together(lines: readonly Row[]): string[] {
  const groups = new Map<string, Role[]>();
  for (const { role, lock, from, until, work } of lines) {
    const rest = `${versions(from, until)} | ${waiting(lock)} | ${work ? (works[work] ?? work) : ''}`;
    const key = `${lock} on ROLES | ${rest}`;
    groups.set(key, [...(groups.get(key) ?? []), role]);
  }
  return [...groups].map(([key, found]) => key.replace('ROLES', found.map((role) => roles[role]).join(', ')));
}

function waiting(lock: LockMode): string {
  const blocked = blockedBy(lock);
  if (blocked !== 'nothing') return blocked;
  return lock === 'SHARE UPDATE EXCLUSIVE' ? 'DDL, VACUUM' : 'DDL';
}

function versions(from: number, until: number): string {
  if (from === majors.first && until === majors.last) return '';
  if (until === majors.last) return from === until ? `${from}` : `${from} and later`;
  return from === majors.first ? `to ${until}` : `${from} to ${until}`;
}
