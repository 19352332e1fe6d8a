import type { Page } from './page.js';
import { jsonSchema } from './settings-schema.js';

/** What editors complete and check lockkeeper.yaml with. */
export const schemaPage = (): Page[] => [
  {
    path: 'schema/lockkeeper.schema.json',
    text: `${JSON.stringify({ title: 'lockkeeper.yaml', ...jsonSchema() }, null, 2)}\n`,
  },
];
