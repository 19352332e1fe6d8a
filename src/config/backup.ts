import { z } from 'zod';
import { proofSettings } from './proof.js';
import { whyNoReference } from './references.js';
import { command } from './values.js';

const kept = (says: string) => z.number().int().min(1).max(100_000).optional().describe(says);

const keep = z
  .strictObject({
    last: kept('The newest so many.'),
    days: kept('All that are younger than so many days.'),
    daily: kept('The newest of each of the last so many days that have one, in UTC.'),
    weekly: kept('The same of weeks, which begin on Monday.'),
    monthly: kept('The same of months.'),
    yearly: kept('The same of years.'),
  })
  .refine(
    (policy) => Object.values(policy).some((each) => each !== undefined),
    'expected at least one of them',
  )
  .optional()
  .describe(
    'Which backups are kept; the others are deleted after the next one. Never deleted: the last proven one, what is newer, pinned or in use. Absent: all are kept.',
  );

const secret = z.string().superRefine((text, context) => {
  const message = whyNoReference(text);
  if (message) context.addIssue({ code: 'custom', message });
});

const s3 = z
  .strictObject({
    bucket: z.string().min(3).describe('Name of the bucket. It must be there.'),
    prefix: z
      .string()
      .regex(/^(?!\/)[^\\\p{Cc}]*(?<!\/)$/u, 'expected a prefix such as backups/eu, without / at its ends')
      .default('')
      .describe('Put before every name; the name of the target comes after it.'),
    region: z.string().min(1).default('us-east-1').describe('Its region.'),
    endpoint: z
      .url('expected a URL such as https://s3.example.com')
      .optional()
      .describe('Where it is, when it is not at AWS.'),
    pathStyle: z
      .boolean()
      .optional()
      .describe('The bucket in the path instead of the host name; absent: where there is an `endpoint`.'),
    accessKeyId: z.string().min(1).optional().describe('As `${NAME}` or `file:PATH`, or as it is.'),
    secretAccessKey: secret
      .optional()
      .describe("As `${NAME}` or `file:PATH`. Absent: AWS's own ways, such as the role of the machine."),
    sessionToken: secret.optional().describe('As `${NAME}` or `file:PATH`.'),
  })
  .refine(({ accessKeyId, secretAccessKey }) => !accessKeyId === !secretAccessKey, {
    message: 'expected accessKeyId and secretAccessKey together',
  });

const copy = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits and . _ - (at most 63 of them)')
      .describe('What records and messages call it.'),
    folder: z.string().min(1).optional().describe('A folder, such as one on another disk.'),
    s3: s3.optional().describe('A bucket of any store that speaks S3.'),
    required: z
      .boolean()
      .default(true)
      .describe(
        'Whether the step fails when this copy cannot be made. Otherwise the next backup makes up for it.',
      ),
    readBack: z
      .enum(['all', 'ends'])
      .default('all')
      .describe('What is read back and compared after writing: all of each file, or its first and last MiB.'),
  })
  .refine(({ folder, s3 }) => (folder === undefined) !== (s3 === undefined), {
    message: 'expected either folder or s3',
  });

const recipient = z
  .string()
  .regex(/^age1[a-z0-9]{20,}$/, 'expected a public key of age, such as age1…; age-keygen makes one');

const encryption = z
  .strictObject({
    recipients: z
      .array(recipient)
      .min(1)
      .describe('Public keys of age: whoever has the private key of one of them can read the copies.'),
    escrow: z
      .strictObject({
        identity: secret
          .optional()
          .describe('The private key, as `${NAME}` or `file:PATH` (a file of age-keygen).'),
        command: command
          .optional()
          .describe(
            'Decrypts its standard input to its standard output, so that the key need not lie here: `ssh vault age -d -i key`.',
          ),
        every: z
          .number()
          .int()
          .min(1)
          .max(1_000)
          .default(1)
          .describe('Each so many backups one is decrypted whole. That the key is there is tried each time.'),
      })
      .refine(({ identity, command }) => (identity === undefined) !== (command === undefined), {
        message: 'expected either identity or command',
      })
      .optional()
      .describe('Proves that the copies can be decrypted. Without the key no copy is made.'),
  })
  .optional()
  .describe('Copies are encrypted before they leave this host, in the format of age. Absent: they are not.');

export const backup = z
  .strictObject({
    folder: z.string().default('').describe('Where backups lie; empty: backups/ in the state folder.'),
    compareUpToGb: z
      .number()
      .min(0)
      .default(50)
      .describe(
        'Before a restore, tables up to this size (GiB, both databases together) are compared row by row; of larger ones only what the counters of the server tell is told.',
      ),
    keepReplacedDays: z
      .number()
      .min(0)
      .max(3_650)
      .default(7)
      .describe(
        'How long a database that a restore has replaced is kept beside, in days; then the next run drops it. A backup that a change took stays pinned as long.',
      ),
    tools: z
      .string()
      .default('')
      .describe(
        "Folder of pg_dump, pg_restore and pg_dumpall; empty: the PATH, or where systems install the server's major version.",
      ),
    jobs: z
      .number()
      .int()
      .min(0)
      .max(64)
      .default(0)
      .describe(
        'Sessions that dump at the same time, a table each; 0: one for each core of the worker, at most 4.',
      ),
    longestMinutes: z
      .number()
      .min(1)
      .max(720)
      .default(720)
      .describe(
        'How long the snapshot of a backup may be held, in minutes: meanwhile vacuum can clear nothing away.',
      ),
    giveWayAfterSeconds: z
      .number()
      .min(1)
      .max(3_600)
      .default(5)
      .describe(
        'How long others may wait for the locks of a backup, as ALTER TABLE does: then it ends itself, and is tried again later.',
      ),
    keep,
    copies: z
      .array(copy)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'expected names that differ')
      .default([])
      .describe('Where else each backup is copied to.'),
    encryption,
    ...proofSettings,
  })
  .prefault({})
  .describe('How the database is backed up.');

export type CopySetting = z.output<typeof copy>;
