import type { Hand, HandCheck } from '../../domain/hand.js';
import type { Part } from './part.js';
import { ask, quoted, usersCommands } from './shell.js';

/** The last of all: nobody comes in over a half state. */
export function openSite({ settings, stood }: Hand): Part {
  const { closure, state, target } = settings;
  const title = 'Open the site';
  const run = { LOCKKEEPER_RUN: stood.runId };
  if (!closure) return { title, says: ['The target has no closure.'], commands: [], check: [] };
  return {
    title,
    says: ['Starts the writers by closure.start, then takes the flag away that nginx looks for.'],
    commands: [
      ...(closure.start.length
        ? usersCommands(settings, closure.start, { ...run, LOCKKEEPER_STEP: 'open' })
        : []),
      `rm -f ${[...closure.files, `${state}/closed/${target}.json`].map(quoted).join(' ')}`,
      ...(closure.open.length
        ? usersCommands(settings, closure.open, {
            ...run,
            LOCKKEEPER_STEP: 'open',
            LOCKKEEPER_FLAG: closure.flag,
          })
        : []),
    ],
    check: [`curl -sS -o /dev/null -w '%{http_code}\\n' ${quoted(closure.url)}   # anything but 503`],
  };
}

/** The target's own checks, as far as they need nothing that was measured before. */
export function verify({ settings }: Hand): Part {
  return {
    title: 'Verify',
    says: ["The target's own checks."],
    commands: settings.verify.flatMap((check) => [
      `# ${check.name.replace(/\s+/g, ' ')}`,
      ...made(check, settings),
    ]),
    check: [],
  };
}

function made(check: HandCheck, settings: Hand['settings']): string[] {
  const { sql, value, rows, command, unchanged } = check;
  if (command !== undefined) return usersCommands(settings, [command], {});
  if (sql === undefined || unchanged)
    return [
      `# compared with before the migration: look at it yourself${sql ? `: ${sql.replace(/\s+/g, ' ')}` : ''}`,
    ];
  if (rows === 0) return [`test -z "$(${ask('LIVE', sql)})"`];
  return [`test "$(${ask('LIVE', sql)})" = ${quoted(String(value))}`];
}
