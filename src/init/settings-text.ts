import type { ServiceFound } from './find-service.js';
import type { Found } from './find.js';

/**
 * lockkeeper.yaml for what was found. What was not found is there as a comment, with an example.
 *
 * @param schema - where editors find the JSON Schema
 */
export const settingsText = (found: Found, schema: string): string =>
  [
    `# yaml-language-server: $schema=${schema}`,
    '# Written by lockkeeper init. Secrets stay out of this file: ${NAME} is taken from the environment of the',
    '# worker, file:PATH from a file. Next: lockkeeper doctor, which tries all of this and changes nothing.',
    'version: 1',
    'targets:',
    `  ${quoted(found.target)}:`,
    ...indented([
      ...database(found),
      '',
      ...release(found),
      '',
      ...alembic(found),
      '',
      ...deploy(found),
      '',
      ...health(found),
      '',
      ...closure(found),
      '',
      ...VERIFY,
    ]),
    '',
  ].join('\n');

const indented = (lines: readonly string[], by = '    '): string[] =>
  lines.map((line) => (line ? by + line : line));

const commented = (lines: readonly string[]): string[] => lines.map((line) => `# ${line}`);

/** As YAML needs it; in a list between brackets as well. JSON is YAML. */
const quoted = (text: string): string =>
  /^(-{0,2}[A-Za-z]|\.)[\w./-]*$/.test(text) &&
  !/^(true|false|null|yes|no|on|off|\.\d.*|\.nan|\.inf)$/i.test(text)
    ? text
    : JSON.stringify(text);

const list = (parts: readonly string[]): string => `[${parts.map(quoted).join(', ')}]`;

const database = ({ database: at }: Found): string[] => [
  'database:',
  ...(at ? [`  # ${at.where} names it.`] : ['  # FILL IN: nothing here says which variable holds the URL.']),
  `  url: ${at?.url ?? '${DATABASE_URL}'}`,
];

function release({ git, service }: Found): string[] {
  if (service?.named)
    return [
      '# A release is an image: the one that the compose file names, or with --release (or what release.next prints) the',
      '# one with that tag.',
    ];
  const lines = [
    ...(git ? ['next: git rev-parse --short HEAD'] : ['# next: cat RELEASE']),
    '# FILL IN: what prints the name of the release that runs now, so that it can be put back.',
    '# running: curl -fsS http://127.0.0.1:8000/version',
    '# What brings the release here, before anything is checked.',
    ...(service
      ? ['fetch:', `  - ${list([...compose(service), service.builds ? 'build' : 'pull', service.service])}`]
      : ['# fetch:', '#   - docker pull registry.example.org/shop:$LOCKKEEPER_RELEASE']),
  ];
  return [git || service ? 'release:' : '# release:', ...indented(lines, '  ')];
}

const compose = ({ file }: ServiceFound): string[] => ['docker', 'compose', '-f', file];

const alembic = (found: Found): string[] => ['alembic:', ...inImage(found), ...byPython(found)];

const byPython = ({ alembic: at, python, database: named }: Found): string[] => [
  ...(python ? [] : ["  # GUESSED: it must have the application's packages, alembic among them."]),
  `  python: ${python ? (typeof python === 'string' ? quoted(python) : list(python)) : 'python3'}`,
  ...(at ? [] : ['  # FILL IN: the folder with alembic.ini.']),
  `  project: ${quoted(at?.project ?? '.')}`,
  '  # What env.py reads.',
  '  environment:',
  ...(named?.names ?? ['DATABASE_URL']).map((name) => `    ${name}: \${${name}}`),
];

/** Its Python is in the image, if it is not here. */
const inImage = ({ service, python }: Found): string[] =>
  service?.named && service.migration && !python
    ? [
        '  # GUESSED: Alembic runs in the image of the release. python and project are paths in it.',
        '  container:',
        `    service: ${quoted(service.migration)}`,
      ]
    : [];

const byCompose = ({ file, service, builds }: ServiceFound): string[] => [
  '# GUESSED. docs/compose.md says what is done.',
  'deploy:',
  '  compose:',
  `    file: ${quoted(file)}`,
  `    services: ${quoted(service)}`,
  `    fetch: ${builds ? 'build' : 'pull'}`,
];

function deploy({ service }: Found): string[] {
  if (service?.named) return byCompose(service);
  const note =
    'Started again whenever an attempt was interrupted: it must be safe to repeat. LOCKKEEPER_RELEASE is set.';
  if (!service)
    return [
      '# FILL IN: how a release is started. Without it only the database is migrated.',
      ...commented(['deploy:', '  commands:', '    - systemctl restart shop']),
    ];
  return [
    `# GUESSED. ${note}`,
    'deploy:',
    '  commands:',
    `    - ${list([...compose(service), 'up', '-d', '--wait', '--no-deps', service.service])}`,
  ];
}

const health = ({ health: at }: Found): string[] =>
  at
    ? [
        ...(at.guessed ? ['# GUESSED: no route for it was found.'] : []),
        'health:',
        `  url: ${at.url}`,
        '  # What its JSON must say, such as: {"release": "{release}"}',
        '  # expect: { release: "{release}" }',
      ]
    : [
        '# FILL IN: asked after the deploy, until it answers 200.',
        ...commented(['health:', '  url: http://127.0.0.1:8000/health']),
      ];

function closure({ site, target }: Found): string[] {
  const lines = [
    '# GUESSED. Closes the site for changes that need it: nginx must be able to enter its folder.',
    'closure:',
    `  flag: /var/lib/lockkeeper/${target}/closed`,
    `  url: http://127.0.0.1${site?.port && site.port !== 80 ? `:${site.port}` : ''}/`,
    '  # What else writes to the database, such as workers and cron.',
    '  # stop: [systemctl stop shop-worker]',
    '  # start: [systemctl start shop-worker]',
  ];
  return site ? lines : commented(lines.slice(1, 4));
}

const VERIFY = [
  '# What must hold after the migration, before the deploy.',
  ...commented([
    'verify:',
    '  - name: no order has been lost',
    '    mark: select max(id) from orders',
    '    sql: select count(*), sum(total) from orders where id <= {mark}',
    '    unchanged: true',
  ]),
];
