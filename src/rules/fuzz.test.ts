import { randomFrom } from '../../test/support/random.js';
import { risks } from '../domain/risk.js';
import { emptySchema } from '../schema/empty.js';
import { inside, kindOf, type Kind, read } from '../sql/ast.js';
import { parse, type Parsed } from '../sql/parse.js';
import { rules } from './catalogue.js';
import { check } from './check.js';
import { isBookkeeping } from './harmless.js';

const CASES = 5_000;
const SEED = 20_261_126;

const next = randomFrom(SEED);
const upTo = (n: number) => Math.floor(next() * n);
const pick = <T>(all: readonly T[]): T => all[upTo(all.length)]!;

const seeds = rules
  .filter(({ language }) => language === undefined)
  .flatMap(({ bad, good, instead, dataLoss }) => [
    bad,
    good,
    instead.sql,
    ...(dataLoss ? [bad, bad, bad] : []),
  ]);
/** Beside the examples of all rules: what must never pass for harmless, on a table that was there. */
const losses = [
  'DROP TABLE orders',
  'TRUNCATE orders, items',
  'DELETE FROM orders WHERE id = 1',
  "UPDATE orders SET note = 'x', total = 0",
  'ALTER TABLE orders DROP COLUMN note, ALTER COLUMN total DROP DEFAULT',
  'CALL tidy()',
];
const bits = [
  ...[
    "'",
    '"',
    '$$',
    '$x$',
    ';',
    '--',
    '/*',
    '*/',
    '\n',
    '\r\n',
    '\0',
    '\ud800',
    '\ufeff',
    'é',
    '\\d x\n',
    '\\.\n',
  ],
  ...['(', ')', ',', '.', '::', "E'\\'", ' CASCADE', ' IF EXISTS ', ' CONCURRENTLY ', ' ONLY ', ' NOT VALID'],
  ...[
    ' DROP TABLE t; ',
    ' DELETE FROM t; ',
    ' TRUNCATE t; ',
    ' BEGIN; ',
    ' COMMIT; ',
    ' COPY t FROM stdin;\n',
  ],
  ...[
    '-- lockkeeper: allow table-dropped because x\n',
    ' alembic_version ',
    ' DO $$ BEGIN ',
    ' END $$; ',
    ' $1 ',
  ],
];

const mutations: readonly ((sql: string) => string)[] = [
  (sql) => cut(sql, upTo(sql.length), 1 + upTo(6)),
  (sql) => cut(sql, upTo(sql.length), sql.length),
  (sql) => insert(sql, pick(bits)),
  (sql) => insert(sql, pick(bits)),
  (sql) => insert(sql, sql.slice(upTo(sql.length), upTo(sql.length))),
  (sql) => `${sql};\n${pick(seeds)}`,
  (sql) => insert(sql, String.fromCharCode(upTo(0x10000))),
  (sql) => words(sql, (all) => all.reverse()),
  (sql) => words(sql, (all) => all.filter(() => next() > 0.15)),
  (sql) => words(sql, (all) => all.map((word) => (next() < 0.1 ? pick(pick(seeds).split(/\s+/)) : word))),
];
const cut = (sql: string, at: number, length: number) => sql.slice(0, at) + sql.slice(at + length);
function insert(sql: string, text: string): string {
  const at = upTo(sql.length + 1);
  return sql.slice(0, at) + text + sql.slice(at);
}
const words = (sql: string, change: (all: string[]) => string[]) => change(sql.split(/(?<=\s)/)).join('');

/** Statements that lose something whatever else is true, on tables that the text has not made itself. */
const graveKinds: readonly Kind[] = [
  'TruncateStmt',
  'DeleteStmt',
  'UpdateStmt',
  'CallStmt',
  'DropdbStmt',
  'AlterSystemStmt',
];
const losesSomething = (part: Parsed): boolean =>
  'node' in part &&
  !isBookkeeping(part.node) &&
  (graveKinds.includes(kindOf(part.node)) ||
    read(part.node, 'DropStmt')?.removeType === 'OBJECT_TABLE' ||
    [...inside(part.node)].some((node) => read(node, 'AlterTableCmd')?.subtype === 'AT_DropColumn'));

/** Texts that make nothing, so that nothing in them is new. */
const makes = /create|into|\bas\b/i;

it(`${CASES} statements with something broken in them: no crash, no hang, and never called harmless`, async () => {
  const wrong: string[] = [];
  const begun = Date.now();
  let [unread, grave] = [0, 0];
  for (let i = 0; i < CASES; i += 1) {
    let sql = pick(next() < 0.25 ? losses : seeds);
    for (let times = 1 + upTo(3); times > 0; times -= 1) sql = pick(mutations)(sql);
    const parts = await parse(sql);
    const { findings, coverage } = check(parts, { file: 'f', linesOfFile: true }, emptySchema());
    const why = whatIsWrong(sql, parts, findings, coverage);
    if (why) wrong.push(`${why}: ${JSON.stringify(sql)}`);
    unread += coverage.total - coverage.analysed;
    if (!makes.test(sql) && parts.some(losesSomething)) grave += 1;
  }
  expect(wrong).toEqual([]);
  // The cases are worth something only if many are broken and many are not.
  expect(unread).toBeGreaterThan(CASES / 5);
  expect(grave).toBeGreaterThan(CASES / 50);
  expect(Date.now() - begun).toBeLessThan(120_000);
}, 180_000);

type Checked = ReturnType<typeof check>;

function whatIsWrong(
  sql: string,
  parts: readonly Parsed[],
  findings: Checked['findings'],
  { analysed, total }: Checked['coverage'],
): string | undefined {
  const counted = parts.filter((part) => !('node' in part) || !isBookkeeping(part.node));
  if (total !== counted.length) return 'a statement is not counted';
  const unknown = ['unreadable-sql', 'unknown-statement', 'code-block'];
  if (analysed < total && !findings.some(({ rule }) => unknown.includes(rule)))
    return 'nobody says what is unknown';
  for (const part of parts.filter((each) => !('node' in each))) {
    const found = findings.filter(
      ({ rule, statement }) => rule === 'unreadable-sql' && statement === part.text,
    );
    if (!found.some(({ risk }) => risk === 'very-high')) return 'what could not be read is not very high';
  }
  if (!makes.test(sql) && parts.some(losesSomething) && !findings.some(isGrave))
    return 'a loss is called harmless';
  if (findings.some(({ line }) => line === undefined || line > sql.split('\n').length)) return 'a wrong line';
  return lost(sql, parts) ? 'text was lost' : undefined;
}

const isGrave = ({ risk }: { risk: (typeof risks)[number] }) =>
  risks.indexOf(risk) >= risks.indexOf('medium');

/** Whether there is a word outside of all parts, of comments and of rows of COPY. */
function lost(sql: string, parts: readonly Parsed[]): boolean {
  if (/copy|--|\/\*|['"$]/i.test(sql)) return false;
  const rest = parts.reduceRight(
    (text, { offset, text: own }) => text.slice(0, offset) + text.slice(offset + own.length),
    sql,
  );
  return /\w/.test(rest);
}

describe('what changes nothing for PostgreSQL changes nothing for us', () => {
  const dangerous = rules.filter(({ language, risk }) => language === undefined && risk !== 'low');
  const same: [string, (sql: string) => string][] = [
    ['Windows line ends', (sql) => sql.replaceAll('\n', '\r\n')],
    ['a byte order mark', (sql) => `\ufeff${sql}`],
    ['a comment before it', (sql) => `-- 'why\n/* "why; */ ${sql}`],
    ['a semicolon too many', (sql) => `;;\n${sql};;`],
    ['something unreadable behind it', (sql) => `${sql};\nALTER TABEL x;`],
    ['a command of psql before it', (sql) => `\\set x 1\n${sql}`],
  ];
  it.each(same)('%s', async (_, change) => {
    const weaker: string[] = [];
    for (const { id, bad } of dangerous) {
      const of = async (sql: string) =>
        check(await parse(sql), { file: 'f', linesOfFile: true }, emptySchema())
          .findings.filter(({ rule }) => rule !== 'unreadable-sql')
          .map(({ rule, risk }) => `${rule} ${risk}`);
      if ((await of(change(bad))).join() !== (await of(bad)).join()) weaker.push(id);
    }
    expect(weaker.filter((id) => id !== 'unreadable-sql')).toEqual([]);
  });
});
