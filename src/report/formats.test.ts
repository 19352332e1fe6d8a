import type { Finding } from '../domain/plan.js';
import { factsWith, pending } from '../../test/support/plan-facts.js';
import { buildPlan } from '../plan/build.js';
import { judge } from '../sql-files/judge.js';
import { verdictOn } from '../domain/verdict.js';
import { planMarkdown, sqlMarkdown } from './check-markdown.js';
import { githubText } from './github.js';

const hostile: Finding = {
  ...{ rule: 'index-blocks-writes', risk: 'medium', file: 'a:b,c/50%\n.sql', line: 3 },
  statement: "CREATE INDEX i ON t (x) WHERE y = '```</details><script>alert(1)</script>|'",
  relations: [{ name: '"<b>|x"', lock: 'SHARE', blocks: 'writes' }],
  ...{ dataLoss: false, breaksRunning: false, evidence: 'static' },
  message: 'building 50% of\r\n::error::i blocks <i>writes</i> to `t` | *x*',
  instead: 'Build it CONCURRENTLY.',
};
const coverage = { analysed: 1, total: 1 };

describe('annotations of GitHub', () => {
  it('are escaped as GitHub reads them, so that no finding writes a command of its own', () => {
    const [annotation, summary, ...rest] = githubText({ findings: [hostile], coverage }).split('\n');
    expect(annotation).toBe(
      '::warning file=a%3Ab%2Cc/50%25%0A.sql,line=3,title=medium%3A index-blocks-writes::' +
        'building 50%25 of%0D%0A::error::i blocks <i>writes</i> to `t` | *x*%0A' +
        'SHARE on "<b>|x": writes wait%0AInstead: Build it CONCURRENTLY.',
    );
    expect(summary).toBe('1 of 1 statement analysed, findings: 1 medium.');
    expect(rest).toEqual([]);
  });

  it('come gravest first, with no place where there is none', () => {
    const { line: _, ...lineless } = hostile;
    const lines = githubText({
      findings: [
        { ...lineless, risk: 'low', file: '-' },
        { ...hostile, risk: 'very-high' },
      ],
      coverage,
    }).split('\n');
    expect(lines[0]).toMatch(/^::error file=/);
    expect(lines[1]).toMatch(/^::notice title=low%3A/);
  });
});

describe('the comment on a pull request', () => {
  const file = { file: 'x.sql', risk: 'medium' as const, coverage, findings: [hostile] };

  it('lets no SQL and no name become markup', () => {
    const page = sqlMarkdown([file]);
    expect(page).not.toMatch(/^<\/details><script>|<i>|<b>\|/m);
    expect(page).toContain("````sql\nCREATE INDEX i ON t (x) WHERE y = '```</details>");
    expect(page.match(/<details>/g)).toHaveLength(1);
    expect(page).toContain('### Lockkeeper: medium risk, 1 file');
  });

  it('stays below what GitHub takes, the gravest first, and says what it left out', () => {
    const many = Array.from({ length: 2_000 }, (_, i) => ({
      ...hostile,
      risk: i === 1_999 ? ('very-high' as const) : ('medium' as const),
    }));
    const page = sqlMarkdown([{ ...file, findings: many }]);
    expect(page.length).toBeLessThan(65_536);
    expect(page.indexOf('<b>very-high</b>')).toBeLessThan(page.indexOf('<b>medium</b>'));
    expect(page).toMatch(/And \d+ more findings, none of them graver/);
  });

  it('of a target says its plan, and reads as Markdown', async () => {
    const index = pending('3c9f2e1', 'CREATE INDEX orders_customer ON orders (customer_id)');
    const page = planMarkdown(await buildPlan(factsWith(index))).replace(/`[0-9a-f]{12}`/, '`HASH`');
    expect(page).toMatchInlineSnapshot(`
      "<!-- lockkeeper check -->
      ### Lockkeeper: medium risk, \`shop\`: 1 revision

      1 of 1 statement analysed, findings: 1 medium. The medium-risk procedure applies: backup, rehearsal, one person approves, online.

      - plan \`HASH\` of release \`r2\`

      <details><summary><b>medium</b> building orders_customer blocks writes to orders (<code>index-blocks-writes</code>, 3c9f2e1, versions/3c9f2e1.py)</summary>

      \`\`\`sql
      CREATE INDEX orders_customer ON orders (customer_id)
      \`\`\`

      - SHARE on orders: writes wait
      - Instead: Build it CONCURRENTLY, in a revision of its own: it cannot run inside a transaction.

      </details>
      "
    `);
  });
});

it('agrees with the verdict on all files', async () => {
  const files = await Promise.all(
    ['DROP TABLE a', 'SELECT 1; CREATE INDEX i ON a (b)'].map((text, i) => judge(`${i}.sql`, { text }, {})),
  );
  expect(verdictOn(files)).toMatchObject({
    risk: 'very-high',
    procedure: 'very-high-risk',
    coverage: { analysed: 3, total: 3 },
  });
  expect(verdictOn([])).toMatchObject({ risk: 'low', coverage: { analysed: 0, total: 0 }, findings: [] });
});
