import type { Found } from './find.js';

/** What init says of the file that it wrote, a sentence each. */
export interface Notes {
  found: string[];
  /** Written, and to be looked at. */
  guessed: string[];
  /** Not found: what the user must fill in. */
  missing: string[];
}

export function notesOf(all: Found): Notes {
  const notes: Notes = { found: [], guessed: [], missing: [] };
  noteAlembic(all, notes);
  noteDatabase(all, notes);
  noteRelease(all, notes);
  noteHealth(all, notes);
  return notes;
}

function noteAlembic({ alembic, python }: Found, { found, guessed, missing }: Notes): void {
  if (!alembic) missing.push('alembic.project: no alembic.ini was found here or below');
  else found.push(`alembic.ini in ${alembic.project === '.' ? 'this folder' : alembic.project}`);
  if (alembic?.others.length)
    guessed.push(`alembic.project: there is also one in ${alembic.others.join(', ')}`);
  if (python) found.push(`the application's Python: ${[python].flat().join(' ')}`);
  else guessed.push('alembic.python: python3, since no .venv, uv.lock or poetry.lock was found');
}

function noteDatabase({ database }: Found, { found, guessed, missing }: Notes): void {
  if (!database) {
    missing.push('database.url: nothing here names a variable for it; ${DATABASE_URL} is written');
    return;
  }
  found.push(`the database's URL comes from ${database.names.join(', ')} (${database.where})`);
  if (database.names.length > 1) guessed.push('database.url: put together from its parts');
}

function noteRelease(all: Found, notes: Notes): void {
  const { service } = all;
  if (!service?.named) return noteCommands(all, notes);
  notes.found.push(`service ${service.service} in ${service.file}: its image is the release`);
  if (service.others.length) notes.guessed.push(`deploy.compose: there is also ${service.others.join(', ')}`);
  notes.guessed.push(`deploy.compose: ${service.service} is what is started`);
  if (service.migration && !all.python)
    notes.guessed.push(`alembic.container: Alembic runs in the image, as ${service.migration} does`);
}

function noteCommands({ git, service }: Found, { found, guessed, missing }: Notes): void {
  if (git) found.push('a git repository: its commit is the name of the release');
  else
    missing.push('release.next: what names a release? Without it --release does, or it is called "current"');
  missing.push('release.running: what prints the release that runs? Without it none can be put back');
  if (!service) {
    missing.push('deploy.commands: how is a release started? Without them only the database is migrated');
    return;
  }
  found.push(`service ${service.service} in ${service.file}`);
  if (service.others.length) guessed.push(`deploy.commands: there is also ${service.others.join(', ')}`);
  guessed.push(`deploy.commands: docker compose starts ${service.service}`);
}

function noteHealth({ health, site }: Found, { found, guessed, missing }: Notes): void {
  if (site) found.push(`nginx's configuration ${site.file}`);
  if (site) guessed.push('closure.flag and closure.url: a file that nginx sees, and the site through nginx');
  if (!health) missing.push('health.url: no port of the application was found');
  else if (health.guessed) guessed.push(`health.url: ${health.url}; no route for it was found`);
  else found.push(`the health check ${health.url}`);
}
