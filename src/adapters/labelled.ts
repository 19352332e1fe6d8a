import { run } from './run.js';

/**
 * Ends and removes containers by their label. What was started by `docker run` in the foreground goes on when its
 * client is killed.
 *
 * @param program - docker, or another with its commands
 * @returns how many there were
 */
export async function removeLabelled(program: string, label: string): Promise<number> {
  const listed = await run(program, ['ps', '--all', '--quiet', '--filter', `label=${label}`]);
  const ids = listed.ok ? listed.stdout.split('\n').filter(Boolean) : [];
  if (ids.length) await run(program, ['rm', '--force', '--volumes', ...ids]);
  return ids.length;
}
