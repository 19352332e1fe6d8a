import { createRequire } from 'node:module';
import type * as Library from '@temporalio/client';

const require = createRequire(import.meta.url);

/**
 * The values of `@temporalio/client`, for everybody; its types are imported from itself. By `require`, as it is
 * CommonJS: `import` first reads its files, and those of all that it hands on, for the names that they export, which
 * is a fifth of the time that it takes to load.
 */
export const temporal = require('@temporalio/client') as typeof Library;
