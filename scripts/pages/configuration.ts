import type { Page } from './page.js';
import { settingTable } from './setting-table.js';
import { jsonSchema } from './settings-schema.js';

const written = '<!-- Written by `npm run docs` from src/config; change the schema, not this page. -->';

/** Every setting once: path, type, default, unit, meaning. */
export const configurationPage = (): Page[] => [{ path: 'docs/configuration.md', text: page() }];

const page = (): string => `${written}

# Settings

They stand in \`lockkeeper.yaml\`, or in the file that \`--config\` or \`LOCKKEEPER_CONFIG\` names. \`lockkeeper init\` writes one from
what it finds. Editors complete and check it with [its JSON Schema](../schema/lockkeeper.schema.json), which the file's first line names.
Relative paths are relative to the file. Unknown settings are refused; all faults of a file are told at once, each with its line.

Secrets stay out of the file: \`\${NAME}\` is taken from the environment of the worker (of the command, for those that need no
worker), \`file:PATH\` is the first line of a file. They can stand in \`database.url\`, in both
\`environment\`s, and in \`url\` and \`headers\` of \`notify\`.

A command is a text, which is run by \`sh -c\`, or a list, which is run as it is, without a shell. Commands run in the folder of \`lockkeeper.yaml\` and find
\`LOCKKEEPER_TARGET\`, \`LOCKKEEPER_RELEASE\` (the release that is meant), \`LOCKKEEPER_RUNNING_RELEASE\` (the one that runs) where
these are known, and in \`deploy\` also \`LOCKKEEPER_RUN\` and \`LOCKKEEPER_STEP\` (\`deploy\` or \`put-back\`).

${settingTable(jsonSchema())}

Where Temporal is, is not a setting: \`TEMPORAL_ADDRESS\`, \`TEMPORAL_NAMESPACE\`, \`TEMPORAL_TLS…\`, \`TEMPORAL_API_KEY\` and \`temporal.toml\`
mean the same as to the \`temporal\` CLI ([Temporal's page](https://docs.temporal.io/develop/environment-configuration)). Without them the servers of
\`lockkeeper up\` are used, then localhost:7233.

## Example

\`\`\`yaml
version: 1
targets:
  shop:
    database:
      url: \${DATABASE_URL}
    release:
      next: cat RELEASE
      running: curl -fsS http://127.0.0.1:8000/version
    alembic:
      python: [uv, run, python]
      project: releases/{release}
      environment:
        DATABASE_URL: \${DATABASE_URL}
    deploy:
      commands:
        - bin/serve start
    health:
      url: http://127.0.0.1:8000/health
      expect: { release: "{release}" }
    verify:
      - name: no order is lost
        mark: select max(id) from orders
        sql: select count(*), sum(total) from orders where id <= {mark}
        unchanged: true
\`\`\`
`;
