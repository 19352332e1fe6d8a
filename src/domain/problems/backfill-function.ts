import { Problem } from '../problem.js';

/** What goes wrong with a Python function of the user that a backfill calls. */

/** @param image - in words, where the function is taken from a container image */
export const noFunction = (name: string, why: string, image?: string) =>
  new Problem('backfill-no-function', {
    what: `the function ${name} of the backfill can not be loaded${image ? ` in ${image}` : ''}`,
    why,
    next: [
      ...(image
        ? [
            'files on this host do not count: deploy a release whose image has the function, then begin, or resume',
          ]
        : []),
      'correct python.function in its settings, `module:function`: the module as the project imports it, beside alembic.ini',
      'it is the release that runs now whose Python and files are used',
    ],
    retry: false,
  });

/** What it gives back is of the wrong shape: whatever the row is, no other row and no later moment mends it. */
export const functionUnfit = (name: string, why: string) =>
  new Problem('backfill-function', {
    what: `what the function ${name} of the backfill gives back can not be written`,
    why,
    next: [
      'the batch was rolled back, and how far it was is kept',
      'let it give back a list with a dict of `writes` for each row that it is given, or None for one that stays; then resume',
    ],
    retry: false,
  });

/** It takes a project that can be run, and nobody gave one. */
export const functionNeedsProject = (name: string) =>
  new Problem('backfill-needs-project', {
    what: `the backfill calls the function ${name}, and the target has no Alembic project`,
    next: ['name it in lockkeeper.yaml: alembic.project and alembic.python'],
    retry: false,
  });
