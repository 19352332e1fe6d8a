import { z } from 'zod';
import { backfillSchema } from '../../src/config/backfill.js';
import { changeSchema } from '../../src/config/change.js';
import type { Page } from './page.js';
import { settingTable } from './setting-table.js';
import type { Schema } from './settings-schema.js';

const written =
  '<!-- Written by `npm run docs` from src/config/change.ts; change the schema, not this page. -->';

/** As they are written: with defaults left out. */
const jsonOf = (schema: z.ZodType): Schema => z.toJSONSchema(schema, { io: 'input' }) as Schema;

/** With what a backfill's own file may say in place, which the settings check by another schema. */
function changeJson(): Schema {
  const { $schema: _, ...one } = jsonOf(backfillSchema) as Schema & { $schema?: string };
  const change = jsonOf(changeSchema);
  const settings = change.properties?.['backfill']?.properties?.['settings'];
  if (!settings?.anyOf) throw new Error('backfill.settings of a change is not what this page takes it for');
  settings.anyOf = [one, { type: 'array', minItems: 1, maxItems: 5, items: one }];
  return change;
}

/** The file of one change in phases: its page, and what editors complete and check it and a backfill's file with. */
export const changePages = (): Page[] => [
  { path: 'docs/change-file.md', text: page(changeJson()) },
  schemaFile('schema/change.schema.json', 'change file', changeJson()),
  schemaFile('schema/backfill.schema.json', 'backfill file', jsonOf(backfillSchema)),
];

const schemaFile = (path: string, title: string, schema: Schema): Page => ({
  path,
  text: `${JSON.stringify({ title, ...schema }, null, 2)}\n`,
});

const page = (schema: Schema): string => `${written}

# Change file

What \`lockkeeper phases start --file change.yaml\` takes of one change in phases: when its phases begin, who is asked, of which release they are.
[phases.md](phases.md) tells what the phases do. Only \`change\` is needed; all else has a default. Unknown settings are refused; all faults of a file are told at once, each with its line.

With this first line, editors complete and check it by [its JSON Schema](../schema/change.schema.json) (that of a backfill's file is [beside it](../schema/backfill.schema.json)):

\`\`\`yaml
# yaml-language-server: $schema=node_modules/lockkeeper/schema/change.schema.json
change: orders-note-remark
release: r2
constrain: {after: 2d}
contract: {after: 14d, proofEvery: 1h}
\`\`\`

${settingTable(schema)}

A time is a whole number and \`s\`, \`m\`, \`h\` or \`d\`: \`90s\`, \`30m\`, \`12h\`, \`7d\`; a year at most. The wait before a phase begins when the phase before it has ended.
A phase that the file speaks of must have something to do when its turn comes: revisions, or a backfill. One that it leaves out is done where its revisions are found.
`;
