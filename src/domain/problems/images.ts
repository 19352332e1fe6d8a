import { shortId } from '../image.js';
import { Problem } from '../problem.js';

/** What the engine says of a disk without room, whatever it was about to write. */
export const isEngineFull = (why: string): boolean =>
  /no space left on device|disk quota exceeded/i.test(why);

/**
 * The disk on which the engine keeps images and containers is full. It is not tried again: what it has got by then the
 * engine throws away, and the next try would begin anew.
 *
 * @param what - what it had no room for
 * @param free - of its folder, such as `/var/lib/docker (1.2 MB free now)`
 */
export const engineFull = (what: string, free: string, why: string) =>
  new Problem('disk-full', {
    what: `the disk of the Docker engine is full: ${what}`,
    why: free ? `${why}; its folder is ${free}` : why,
    next: [
      'see what takes the room: docker system df',
      'free some: docker image prune, docker builder prune (neither takes a release that Lockkeeper keeps)',
      'or keep fewer releases: deploy.compose.keepImages',
      'then start again',
    ],
    retry: false,
  });

/** The registry does not have it, does not answer, or wants to know who we are. */
export const imageNotFetched = (reference: string, how: 'pull' | 'build', why: string) =>
  new Problem('image-not-fetched', {
    what: `the image ${reference} could not be ${how === 'pull' ? 'pulled' : 'built'}`,
    why,
    next:
      how === 'pull'
        ? ['is it pushed, and may this host pull it? docker login', `try: docker pull ${reference}`]
        : ['correct what the build says'],
    retry: how === 'pull' && /timeout|timed out|reset by peer|temporary|TLS handshake|EOF/i.test(why),
  });

export const imageMissing = (reference: string) =>
  new Problem('image-missing', {
    what: `there is no image ${reference} on this host`,
    next: ['pull or build it', 'or let Lockkeeper: deploy.compose.fetch: pull'],
    retry: false,
  });

/** What was approved is not there any more: it cannot be started, and nothing else will be. */
export const imageGone = (
  reference: string,
  id: string,
  next: readonly string[] = ['fetch it again, then start again'],
) =>
  new Problem('image-gone', {
    what: `the image ${shortId(id)} of ${reference} is not on this host any more`,
    why: 'somebody has removed it (docker rmi, docker system prune --all)',
    next,
    retry: false,
  });

/**
 * That of the release to go back to.
 *
 * @param digest - `repository@sha256:…` where a registry knows it
 * @param others - releases that ran after it, and are there
 */
export const imageOfBeforeGone = (
  target: string,
  { reference, id, digest }: { reference: string; id: string; digest: string | null },
  others: readonly string[],
) =>
  imageGone(reference, id, [
    digest
      ? `pull it again, then roll back again: docker pull ${digest}`
      : 'bring this very image here again (docker load): what is built anew from the same sources is another one',
    ...others.map((release) => `or go back less far: lockkeeper rollback ${target} --to ${release}`),
    'or go forward with a release that is mended',
  ]);
