import { badReleaseName } from '../domain/problems/commands.js';
import { isReleaseName } from '../domain/release-name.js';

/** `--release` as it goes into a request. @throws Problem `bad-release-name` */
export function releaseOption({ release }: { release?: string }): { release?: string } {
  if (release === undefined) return {};
  if (!isReleaseName(release)) throw badReleaseName(release, '--release');
  return { release };
}
