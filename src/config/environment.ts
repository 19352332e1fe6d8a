import { z } from 'zod';
import { whyVariableNotInFile } from './references.js';

/** Environment variables with their values, none of which may be a secret by itself. */
export const environment = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of an environment variable'),
    z.string(),
  )
  .superRefine((variables, context) => {
    for (const [variable, text] of Object.entries(variables)) {
      const message = whyVariableNotInFile(variable, text);
      if (message) context.addIssue({ code: 'custom', message, path: [variable] });
    }
  })
  .default({});
