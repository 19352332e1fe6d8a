import { lockModes } from '../../src/domain/plan.js';
import { risks } from '../../src/domain/risk.js';
import type { Page } from './page.js';

type Schema = Readonly<Record<string, unknown>>;

const text = (description: string): Schema => ({ type: 'string', description });
const flag = (description: string): Schema => ({ type: 'boolean', description });
const whole = (description: string, minimum = 0): Schema => ({ type: 'integer', minimum, description });
const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description });
const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

const relation = object(
  {
    name: text('As SQL has it: quoted where it needs to be.'),
    lock: { enum: [...lockModes], description: 'The strongest lock that the statement takes on it.' },
    blocks: { enum: ['nothing', 'writes', 'reads and writes'], description: 'Whom that lock keeps waiting.' },
    why: text('There where the statement does not name it: `referenced by orders`, `partition of events`.'),
  },
  ['why'],
);

const forecast: Schema = {
  ...object({
    seconds: {
      ...list({ type: 'number', minimum: 0 }, 'Between the fastest and the slowest that is likely.'),
      ...{ minItems: 2, maxItems: 2 },
    },
    diskBytes: whole('More than is in use now, until the transaction ends.'),
    walBytes: whole('Written to the log.'),
    from: text('What it is told from: sizes, and how fast the server was seen or assumed to be.'),
  }),
  description:
    'How long the statement takes; absent where that does not grow with a table, or no size is known.',
};

const finding = object(
  {
    rule: text('Its page: docs/rules/<rule>.md; `lockkeeper check --explain <rule>` tells it.'),
    risk: ref('risk'),
    revision: text('Of Alembic; absent with --sql.'),
    file: text(
      'The revision file, relative to the Alembic project; with --sql as it was named, `-` is standard input.',
    ),
    line: whole('From 1; absent where it is not known.', 1),
    statement: text(
      'The SQL, as it was written; empty where the finding is of a revision or a file as a whole.',
    ),
    relations: list(relation, 'What it locks.'),
    dataLoss: flag('Whether rows or values may be gone, or other ones, afterwards.'),
    breaksRunning: flag('Whether the release that runs now may fail once this is done.'),
    fails: { const: true, description: 'There where it will fail for certain when it runs.' },
    evidence: {
      enum: ['static', 'catalog', 'rehearsal'],
      description:
        'From what it is known: the SQL alone, with the catalog of the database, or seen on a copy.',
    },
    message: text('What is wrong, on one line, lower case, no full stop.'),
    instead: text('What to do instead.'),
    unsure: text(
      'There where the verdict could be another one if more were known, such as the schema of the database.',
    ),
    forecast,
    allowed: {
      ...object({ reason: text('As its author wrote it.'), risk: ref('risk') }),
      description:
        'There where the SQL or the revision allows it: why, and the risk that it has without that.',
    },
    raised: {
      ...object({ reason: text('Which of the settings.'), risk: ref('risk') }),
      description:
        'There where the settings of the target raise it: why, and the risk that it has without that.',
    },
  },
  ['revision', 'line', 'fails', 'unsure', 'forecast', 'allowed', 'raised'],
);

const phases = ['expand', 'neutral', 'contract'];
const phaseOrNull = (description: string): Schema => ({ enum: [...phases, null], description });

const step = object(
  {
    revision: text('That takes it away.'),
    what: text('In words, such as `drops orders.note`.'),
    table: text('As SQL has it.'),
    column: text('Absent where the whole table is meant.'),
    usage: {
      enum: ['yes', 'maybe', 'no', 'not known'],
      description:
        'Whether the files of the running release speak of it; `maybe`: of the word, but not beside the table.',
    },
    places: list({ type: 'string' }, 'Where, `file:line`, at most three.'),
  },
  ['column'],
);

const phase: Schema = {
  anyOf: [
    object({
      phase: { enum: phases, description: 'Adds, takes away, or neither.' },
      steps: list(step, 'What it takes away from the running release, or forbids it.'),
    }),
    { type: 'null' },
  ],
  description:
    'What the run means for the release that runs now; null of plans of earlier versions; not with --sql.',
};

const transactions: Schema = {
  ...object({
    perRevision: flag('Whether each revision has a transaction of its own.'),
    heldThrough: list(
      object(
        {
          ...(relation.properties as Record<string, Schema>),
          from: text('Revision that takes it.'),
          to: text('Revision at whose end it is given back.'),
        },
        ['why'],
      ),
      'Locks that are held over several revisions.',
    ),
  }),
  description: 'What shares a transaction; not with --sql.',
};

const offline: Schema = {
  ...object({
    from: list({ type: 'string' }, 'Revisions that the database was taken to have; empty: none.'),
    schema: {
      type: ['string', 'null'],
      description: 'File that its schema was read from; null: nothing was known of it.',
    },
  }),
  description: 'With --offline only: what was assumed in place of the database.',
};

const check = object(
  {
    schemaVersion: {
      const: 1,
      description: 'Raised when a field changes its meaning; fields may be added without.',
    },
    risk: ref('risk'),
    procedure: {
      enum: ['low-risk', 'medium-risk', 'high-risk', 'very-high-risk', 'deploy-only', 'online-contract'],
      description: 'What would run it.',
    },
    coverage: ref('coverage'),
    findings: list(ref('finding'), 'All of them, in the order of the SQL.'),
    revisions: list(
      object({
        revision: text('Its id.'),
        file: text('Relative to the Alembic project.'),
        risk: ref('risk'),
        phase: phaseOrNull('What it means for the release that runs now.'),
        direction: { const: 'upgrade', description: 'Which way it would run.' },
      }),
      'What is pending, in order; empty with --sql.',
    ),
    files: list(
      object({
        file: text('As it was named; `-` is standard input.'),
        risk: ref('risk'),
        coverage: ref('coverage'),
        findings: list(ref('finding'), 'Of this file.'),
      }),
      'With --sql only: each file, judged by itself.',
    ),
    target: text('Not with --sql.'),
    release: text('That would be deployed; not with --sql.'),
    planHash: text('What people approve; not with --sql and --offline.'),
    offline,
    approvals: whole('People that must approve it; not with --sql.'),
    phase,
    transactions,
    notAutomatic: list({ type: 'string' }, 'Why a low risk waits for a person all the same; not with --sql.'),
    oldCode: list(
      object(
        {
          change: text('Whose contract is pending.'),
          release: { type: ['string', 'null'], description: 'That does without what goes; null: not known.' },
          since: text('When it was deployed: ISO 8601.'),
          holds: flag('Whether nothing speaks against it.'),
          evidence: list(
            object(
              {
                source: text('Where it was looked at.'),
                says: text('Who or what, since when.'),
                holds: flag('false: it speaks against it.'),
                next: list({ type: 'string' }, 'What to do about it.'),
              },
              ['next'],
            ),
            'What speaks against it first.',
          ),
          missing: list({ type: 'string' }, 'What could not be looked at, and why.'),
        },
        [],
      ),
      'Whether old code is left, where the end of a change over several releases is pending: docs/phases.md.',
    ),
  },
  [
    'files',
    'target',
    'release',
    'planHash',
    'offline',
    'approvals',
    'phase',
    'transactions',
    'notAutomatic',
    'oldCode',
  ],
);

const failure = object({
  schemaVersion: { const: 1 },
  error: object(
    {
      code: text('For scripts; it keeps its meaning.'),
      what: text('What happened.'),
      why: text('In the words of the tool that failed.'),
      next: list({ type: 'string' }, 'What to do, in order.'),
      retry: flag('Whether the same may work a moment later.'),
      state: text('How things stand.'),
    },
    ['why', 'retry', 'state'],
  ),
});

/** What `lockkeeper check --format json` prints. */
export const checkSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'lockkeeper check --format json',
  anyOf: [ref('check'), ref('failure')],
  $defs: {
    risk: { enum: [...risks], description: 'From harmless to what only a backup brings back.' },
    coverage: {
      ...object({
        analysed: whole('Statements of which it is known what they do.'),
        total: whole("All statements, Alembic's own left out. What was not analysed is of very high risk."),
      }),
      description: 'How much of the SQL was read.',
    },
    ...{ finding, check, failure },
  },
};

export const checkSchemaPage = (): Page[] => [
  { path: 'schema/check.schema.json', text: `${JSON.stringify(checkSchema, null, 2)}\n` },
];
