import { KEEPSAKES } from '../keepsake.js';
import { few } from '../units.js';
import { Problem } from '../problem.js';

/** The role may not make a schema, or not a trigger on the table. */
export const cannotKeep = (table: string, why: string) =>
  new Problem('cannot-keep', {
    what: `what the plan takes from ${table} cannot be kept`,
    why,
    next: [
      `let the role of database.url make it: GRANT CREATE ON DATABASE …, and ownership of ${table} or TRIGGER and SELECT on it`,
      'or say `keepsakes: {keep: false}` in the settings: then only a restore brings it back',
    ],
    retry: false,
  });

/** Others never leave the table alone for as long as a trigger takes. */
export const keepsakeLocked = (table: string, holders: readonly string[], waitedMs: number) =>
  new Problem('keepsake-locked', {
    what: `${table} was in use for ${Math.round(waitedMs / 1000)} s, so that nobody can watch what changes in it`,
    ...(holders.length > 0 ? { why: few(holders, 5).join('; ') } : {}),
    next: ['end what keeps it, or wait for it', 'then start again'],
    retry: false,
  });

/** The table is another one than the plan says. */
export const keepsakeMoved = (table: string, why: string) =>
  new Problem('keepsake-moved', {
    what: `${table} is not what the plan of the keepsake says`,
    why,
    next: [
      'see what there is: lockkeeper keepsake list',
      'start again: the next plan is made of what is there',
    ],
    retry: false,
  });

/** The table that values should go back into is not the one that they were taken from. */
export const doesNotGoBack = (table: string, why: string) =>
  new Problem('keepsake-moved', {
    what: `what was kept of ${table} cannot go back into it`,
    why,
    next: [
      'what was kept stays as it is, and nothing of it was put back: lockkeeper keepsake list',
      'make the table as it was before the release, by hand or by a downgrade that is mended, then roll back again',
    ],
    retry: false,
  });

/** There is none, or it is not whole. */
export const noKeepsake = (wanted: string, why: string) =>
  new Problem('no-keepsake', {
    what: `there is no keepsake ${wanted} that could go back`,
    why,
    next: [
      'see which there are: lockkeeper keepsake list',
      `look into the schema ${KEEPSAKES}: what is there can be read with SQL`,
      'a restore of the backup that the run has taken holds all of it',
    ],
    retry: false,
  });

/** It is the only way back that does not cost what was written since. */
export const keepsakeNeeded = (target: string, id: string, endsAt: string) =>
  new Problem('keepsake-needed', {
    what: `the keepsake ${id} is kept until ${endsAt.slice(0, 10)}`,
    why: 'without it only a restore brings back what was taken',
    next: [`if nobody wants it back: lockkeeper keepsake drop ${target} --keepsake ${id} --yes`],
    retry: false,
  });

/** None has that id. */
export const noSuchKeepsake = (target: string, wanted: string, found: readonly string[]) =>
  new Problem('no-such-keepsake', {
    what: `nothing of ${target} is kept as ${wanted || 'an id that was not said'}`,
    ...(found.length > 0 ? { why: `there is ${few(found, 5).join(', ')}` } : {}),
    next: [`see what is kept: lockkeeper keepsake list ${target}`],
    retry: false,
  });
