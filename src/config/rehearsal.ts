import { z } from 'zod';
import { cells } from './cells.js';

const gibibytes = (says: string) => z.number().positive().max(1_048_576).optional().describe(says);

const limits = z
  .strictObject({
    minutes: z
      .number()
      .min(1)
      .max(1_440)
      .default(60)
      .describe('Longest time for all of it: restoring, forward, back, forward again.'),
    databaseGiB: gibibytes(
      'A larger database is not rehearsed, and so not migrated where that needs a rehearsal.',
    ),
    diskGiB: gibibytes('Most that a private server may take; absent: as much as the disk has.'),
  })
  .prefault({})
  .describe('What a rehearsal may take. One that would take more ends before, or as soon as it does.');

const template = z
  .strictObject({
    diskGiB: gibibytes('Most that a kept copy may take; absent: none is kept.'),
    days: z.number().min(0).max(365).default(2).describe('How long one is kept.'),
  })
  .prefault({})
  .describe(
    'The restored copy on a private server is kept as files in the state folder, one for each target: the next rehearsal of the same backup, or of one whose archive is the same, begins with these in place of a restore.',
  );

export const rehearsal = z
  .strictObject({
    where: z
      .enum(['private', 'server'])
      .default('private')
      .describe(
        '`private`: on a server of the same major version that the worker starts for it and that cannot reach production. `server`: in a database beside the live one, on its server and with its role.',
      ),
    tools: z
      .string()
      .default('')
      .describe(
        "Folder of initdb and postgres for the private server; empty: `backup.tools`, the PATH, or where systems install the server's major version.",
      ),
    limits,
    template,
    compareUpToGiB: z
      .number()
      .min(0)
      .max(1_048_576)
      .default(1)
      .describe(
        'Of tables up to this size each value is compared after going back; of larger ones one row in 16, by its primary key.',
      ),
    cells,
  })
  .superRefine(({ where, cells: tried }, context) => {
    if (tried && where !== 'private')
      context.addIssue({
        code: 'custom',
        message: 'only with rehearsal.where: private, where nothing of production can be reached',
        path: ['cells'],
      });
  })
  .prefault({})
  .describe('How a change is rehearsed on a copy before it is approved.');
