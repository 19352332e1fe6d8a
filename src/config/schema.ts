import { z } from 'zod';
import { backup } from './backup.js';
import { check } from './check.js';
import { closureSchema } from './closure.js';
import { compose, container } from './compose.js';
import { keepsakes } from './keepsakes.js';
import { limits } from './limits.js';
import { environment } from './environment.js';
import { whyNoDatabaseUrl } from './references.js';
import { locks } from './locks.js';
import { peers } from './peers.js';
import { approval, automatic, notify, windows } from './people.js';
import { phases } from './phases.js';
import { rehearsal } from './rehearsal.js';
import { schedules } from './schedules.js';
import { verifyCheck } from './verify-check.js';
import { command, seconds } from './values.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits and . _ - (at most 63 of them)');

const databaseUrl = z.string().superRefine((text, context) => {
  const message = whyNoDatabaseUrl(text);
  if (message) context.addIssue({ code: 'custom', message });
});

const database = z
  .strictObject({
    url: databaseUrl.describe(
      'PostgreSQL URL, as `${NAME}` (environment) or `file:PATH` (first line of a file).',
    ),
  })
  .describe("Lockkeeper's own way to the database.");

const release = z
  .strictObject({
    next: command
      .optional()
      .describe('Prints the name of the release to deploy, when `--release` does not say.'),
    running: command
      .optional()
      .describe('Prints the name of the release that runs now: needed to put it back.'),
    fetch: z.array(command).default([]).describe('Brings the release here: git pull, docker pull, a build.'),
    timeoutSeconds: seconds(3_600).describe('Longest time for all fetch commands together.'),
  })
  .prefault({})
  .describe('What a release is. Commands find its name in LOCKKEEPER_RELEASE.');

const alembic = z
  .strictObject({
    python: command
      .default('python3')
      .describe(
        "The application's own Python: a path, or a list such as [uv, run, python]. Relative to `project`.",
      ),
    project: z
      .string()
      .min(1)
      .default('.')
      .describe('Folder with alembic.ini. `{release}` stands for the name of the release.'),
    config: z
      .string()
      .min(1)
      .default('alembic.ini')
      .describe('Name of the configuration file in that folder.'),
    environment: environment.describe('Environment for env.py, such as `DATABASE_URL: ${DATABASE_URL}`.'),
    container,
    ...locks,
    limits,
  })
  .prefault({})
  .describe('How Alembic is run.');

const deploy = z
  .strictObject({
    commands: z
      .array(command)
      .min(1)
      .optional()
      .describe('Start the release named LOCKKEEPER_RELEASE. They must be safe to repeat.'),
    compose: compose.optional(),
    stop: z
      .array(command)
      .default([])
      .describe(
        'Stop the application, for `lockkeeper emergency stop`. They must be safe to repeat. Default with compose: its `stop`.',
      ),
    environment: environment.describe('Environment for all commands of the target.'),
    timeoutSeconds: seconds(900).describe('Longest time for all commands together.'),
    peers,
  })
  .refine(({ commands, compose }) => (commands === undefined) !== (compose === undefined), {
    message: 'expected either commands or compose',
  })
  .refine(({ compose, peers }) => !compose || compose.way === 'recreate' || peers !== undefined, {
    message: 'deploy.compose.way moves nginx, and peers does not say between which addresses',
    path: ['peers'],
  })
  .optional()
  .describe('How a release is started. Without it the migration is all that is done.');

const health = z
  .strictObject({
    url: z.url('expected a URL such as http://127.0.0.1:8000/health').describe('Asked until it answers 200.'),
    expect: z
      .record(z.string(), z.string())
      .default({})
      .describe('Fields that its JSON answer must have. `{release}` stands for the name of the release.'),
    deadlineSeconds: seconds(60).describe('Longest wait.'),
  })
  .optional()
  .describe('How the application says that it is well. Asked after the deploy.');

export const targetSchema = z.strictObject({
  database,
  release,
  alembic,
  deploy,
  health,
  closure: closureSchema.optional(),
  verify: z.array(verifyCheck).default([]).describe('What must hold after the migration, before the deploy.'),
  backup,
  keepsakes,
  rehearsal,
  check,
  automatic,
  approval,
  windows,
  phases,
  notify,
  schedules,
  ignore: z
    .array(z.string().min(1))
    .default([])
    .describe("Tables that come and go by themselves, such as tomorrow's partitions: `events_2*`."),
});

export const settingsSchema = z.strictObject({
  $schema: z.string().optional().describe('Where the JSON Schema of this file is, for editors. Not read.'),
  version: z.literal(1).describe('Version of the format of this file.'),
  stateDir: z
    .string()
    .min(1)
    .default('.lockkeeper')
    .describe('Folder for plans, records, logs and backups; beside this file when relative.'),
  taskQueue: name
    .default('lockkeeper')
    .describe("Temporal's task queue of the worker on the host that owns these targets."),
  targets: z
    .record(name, targetSchema)
    .refine((all) => Object.keys(all).length > 0, 'expected at least one target')
    .describe('Databases with their applications, by name.'),
});

export type Settings = z.output<typeof settingsSchema>;
export type TargetSettings = z.output<typeof targetSchema>;
export type VerifyCheck = TargetSettings['verify'][number];
export type CommandSetting = z.output<typeof command>;
