import { z } from 'zod';

/** A command of the user: a text is run by `sh -c`, a list as it is, without a shell. */
export const command = z
  .union([z.string().min(1), z.array(z.string()).min(1)])
  .describe('A text is run by `sh -c`; a list is run as it is, without a shell.');

/** A time limit. A day is the most: what takes longer is stuck. */
export const seconds = (byDefault: number) => z.number().positive().max(86_400).default(byDefault);

/** A path that goes into nginx's configuration. */
export const pathForNginx = z
  .string()
  .regex(/^[^"$\\\p{Cc}]+$/u, 'expected a path without " $ \\ and line breaks: nginx could not read it');
