import { Problem } from '../problem.js';
import { bytes } from '../units.js';

const UNTOUCHED = 'the database itself is untouched';

/** What a target can say instead of a private server. */
const ON_SERVER =
  'or rehearse beside the database, on its own server: rehearsal.where: server in lockkeeper.yaml; ' +
  'the copy then takes room, memory and connections of production (docs/rehearsal.md)';

/** @param seen - servers of other versions that were found */
export const noServerPrograms = (major: number, seen: readonly string[]) =>
  new Problem('no-server-programs', {
    what: `the rehearsal needs the programs of a PostgreSQL ${major} server (initdb, postgres), and there are none on this machine; ${UNTOUCHED}`,
    ...(seen.length ? { why: `found: ${seen.join(', ')}` } : {}),
    next: [
      `install them on the worker's machine (apt-get install postgresql-${major}: its own server need not run), or name their folder: rehearsal.tools`,
      ON_SERVER,
    ],
    retry: false,
  });

export const scratchNotStarted = (doing: string, why: string) =>
  new Problem('scratch-not-started', {
    what: `the private server for the rehearsal did not start (${doing}); ${UNTOUCHED}`,
    why,
    next: ['correct what it says, then start again: nothing is left behind', ON_SERVER],
    retry: true,
  });

/** @param faults - what this machine lacks that the backup needs, a line each */
export const scratchUnfit = (faults: readonly string[]) =>
  new Problem('scratch-unfit', {
    what: `the backup cannot be restored into a private server on this machine; ${UNTOUCHED}`,
    why: faults.join('; '),
    next: ["install what is missing on the worker's machine, for its PostgreSQL", ON_SERVER],
    retry: false,
  });

/** @param where - the folder, or the server */
export const rehearsalNoRoom = (where: string, free: number, needed: number, of: string) =>
  new Problem('rehearsal-no-room', {
    what: `the copy for the rehearsal does not fit: ${bytes(free)} are free in ${where}, and ${bytes(needed)} are needed (${of}); ${UNTOUCHED}`,
    next: ['make room there', 'or let the state folder lie on a larger disk: stateDir in lockkeeper.yaml'],
    retry: false,
  });

/** @param faults - as `roomFor` tells them */
export const rehearsalNoRoomBeside = (faults: readonly string[]) =>
  new Problem('rehearsal-no-room', {
    what: `the copy for the rehearsal does not fit on the server of the database; ${UNTOUCHED}`,
    why: faults.join('; '),
    next: ['make room there', 'or rehearse on a private server: rehearsal.where: private in lockkeeper.yaml'],
    retry: false,
  });

/** @param setting - below `rehearsal.limits` */
export const rehearsalTooLarge = (setting: string, is: number, allowed: number) =>
  new Problem('rehearsal-too-large', {
    what: `the rehearsal would be larger than allowed: ${bytes(is)}, and rehearsal.limits.${setting} allows ${bytes(allowed)}; ${UNTOUCHED}`,
    next: [`raise rehearsal.limits.${setting} in lockkeeper.yaml if that is well, then start again`],
    retry: false,
  });

/** The bridge was asked to open a connection to the live server, and did not. */
export const rehearsalReachedOut = (revision: string | null, why: string) =>
  new Problem('rehearsal-reached-out', {
    what: `${revision ? `revision ${revision}` : 'the project'} opens a connection of its own to the live database, and was stopped before it did; ${UNTOUCHED}`,
    why,
    next: [
      'let the migration work with the connection that Alembic gives it: op.get_bind()',
      'or let it read its URL from the environment, as env.py does: a rehearsal sets it to the copy',
    ],
    retry: false,
  });

/** It could not be hindered, and was seen. What it did there nobody knows. */
export const rehearsalTouched = (place: string) =>
  new Problem('rehearsal-touched-production', {
    what: `something that the migration started has connected to ${place}, the live database, during its rehearsal, and was ended; what it did there is not known`,
    next: [
      'look at what the migration starts or calls: a program, a driver that SQLAlchemy does not know',
      'let it read where the database is from the environment, which a rehearsal sets to the copy',
      "see the live database's log for what that session did",
    ],
    retry: false,
  });
