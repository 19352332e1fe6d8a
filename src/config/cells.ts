import { z } from 'zod';
import { environment } from './environment.js';
import { command, seconds } from './values.js';

const path = z.string().regex(/^\/\S*$/, 'expected a path that begins with /');

const request = z.union([
  z
    .string()
    .regex(/^[A-Z]+ \/\S*$/, 'expected a method and a path, such as `GET /products`')
    .describe('Method and path, such as `GET /products`.'),
  z.strictObject({
    method: z
      .string()
      .regex(/^[A-Z]+$/, 'expected a method, such as POST')
      .default('GET')
      .describe('Method.'),
    path: path.describe('Path, with its query.'),
    only: z
      .enum(['running', 'next'])
      .optional()
      .describe('Sent only to the release that runs, or only to the next one: the other does not know it.'),
    body: z.unknown().optional().describe('Sent as JSON.'),
    status: z.int().min(100).max(599).optional().describe('Expected status; absent: any below 400.'),
  }),
]);

/** How the releases are tried on the copy of a rehearsal. */
export const cells = z
  .strictObject({
    start: command.describe(
      'Starts the release named LOCKKEEPER_RELEASE so that it listens on 127.0.0.1, port LOCKKEEPER_PORT, and stays in the foreground. `{release}`, `{port}` and `{label}` stand for their values.',
    ),
    folder: z
      .string()
      .min(1)
      .default('.')
      .describe('Folder to start it in. `{release}` stands for the name of the release.'),
    environment: environment.describe(
      'All of its environment but PATH, HOME, LANG and TMPDIR. What leads to the live database leads to the copy: `DATABASE_URL: ${DATABASE_URL}`.',
    ),
    health: z
      .strictObject({
        path: path
          .optional()
          .describe(
            "Asked until it answers 200; absent: the path of the target's `health.url`, else `/health`.",
          ),
        expect: z
          .record(z.string(), z.string())
          .optional()
          .describe("Fields that its JSON answer must have; absent: those of the target's `health.expect`."),
        deadlineSeconds: seconds(30).describe('Longest wait for one release.'),
      })
      .prefault({})
      .describe('How it says that it is well.'),
    requests: z
      .array(request)
      .default([])
      .describe(
        'Requests of your users, sent to each release on each schema. `{unique}` stands for another text each time.',
      ),
    commands: z
      .array(command)
      .default([])
      .describe(
        'Tests of your own, run besides: they find the release at LOCKKEEPER_URL, and fail by their exit code.',
      ),
    timeoutSeconds: seconds(120).describe(
      'Longest time for all requests and commands to one release on one schema.',
    ),
  })
  .optional()
  .describe(
    'Tries the release that runs and the next one on the schemas before and after the migration, on the copy. Absent: they are not tried.',
  );

export type CellsSettings = NonNullable<z.output<typeof cells>>;
export type CellRequest = CellsSettings['requests'][number];
