import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containersWith } from './containers.js';
import { docker, type Place } from './docker.js';

/** The container out of which files are copied: never started, and gone afterwards. */
const labels = { 'lockkeeper.role': 'files' };

/**
 * Lets `read` have the working folder of an image, copied out of it; nothing of the image is run.
 *
 * @returns null where the image has no working folder of its own
 * @throws Problem `docker-unreachable`, `docker-no-rights`, ToolFailed
 */
export async function readImageFiles<T>(
  place: Place,
  image: string,
  read: (folder: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T | null> {
  const inside = await docker(place, ['image', 'inspect', '--format', '{{.Config.WorkingDir}}', image]);
  if (inside === '' || inside === '/') return null;
  // Of one that was killed meanwhile.
  for (const { id, status } of await containersWith(place, labels))
    if (status === 'created') await remove(place, id);
  const given = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const id = await docker(place, ['create', '--network', 'none', ...given, image, 'true']);
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-image-'));
  try {
    await docker(place, ['cp', `${id}:${inside}/.`, folder], { signal });
    return await read(folder);
  } finally {
    await remove(place, id);
    await rm(folder, { recursive: true, force: true });
  }
}

const remove = (place: Place, id: string): Promise<string> =>
  docker(place, ['rm', '--force', id]).catch(() => '');
