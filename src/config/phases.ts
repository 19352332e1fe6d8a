import { z } from 'zod';

/** Changes in phases. */
export const phases = z
  .strictObject({
    contract: z
      .enum(['closed', 'online'])
      .default('closed')
      .describe(
        'Whether the site is closed while the *contract* phase of a change runs, which is of very high risk. `online` loosens that: it stays ' +
          'open, where the rehearsal has shown that going back brings back every value; people, backup and rehearsal stay as they are.',
      ),
  })
  .prefault({})
  .describe('Changes in phases (`lockkeeper phases`).');
