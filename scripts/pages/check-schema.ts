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

const relation = object({
  name: text('As SQL has it: quoted where it needs to be.'),
  lock: { enum: [...lockModes], description: 'The strongest lock that the statement takes on it.' },
  blocks: { enum: ['nothing', 'writes', 'reads and writes'], description: 'Whom that lock keeps waiting.' },
});

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
    fails: { const: true, description: 'It will fail when it runs, for certain.' },
    evidence: {
      enum: ['static', 'catalog', 'rehearsal'],
      description:
        'From what it is known: the SQL alone, with the catalog of the database, or seen on a copy.',
    },
    message: text('What is wrong, on one line, lower case, no full stop.'),
    instead: text('What to do instead.'),
    allowed: {
      ...object({ reason: text('As its author wrote it.'), risk: ref('risk') }),
      description:
        'There where the SQL or the revision allows it: why, and the risk that it has without that.',
    },
  },
  ['revision', 'line', 'fails', 'allowed'],
);

const check = object(
  {
    schemaVersion: {
      const: 1,
      description: 'Raised when a field changes its meaning; fields may be added without.',
    },
    risk: ref('risk'),
    procedure: {
      enum: ['low-risk', 'medium-risk', 'high-risk', 'very-high-risk', 'deploy-only'],
      description: 'What would run it.',
    },
    coverage: ref('coverage'),
    findings: list(ref('finding'), 'All of them, in the order of the SQL.'),
    revisions: list(
      object({
        revision: text('Its id.'),
        file: text('Relative to the Alembic project.'),
        risk: ref('risk'),
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
    planHash: text('What people approve; not with --sql.'),
    approvals: whole('People that must approve it; not with --sql.'),
    notAutomatic: list({ type: 'string' }, 'Why a low risk waits for a person all the same; not with --sql.'),
  },
  ['files', 'target', 'release', 'planHash', 'approvals', 'notAutomatic'],
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
