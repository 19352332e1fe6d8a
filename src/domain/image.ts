/** An image of the plan: what a service would run, and what it runs now. */
export interface PlannedImage {
  /** Services of the compose file that run it, the application first. */
  services: readonly string[];
  /** As the compose file names it, such as `ghcr.io/acme/shop:latest`. */
  reference: string;
  /** `sha256:…` of its configuration: what `docker image inspect` calls Id. It is what runs, whatever tags say. */
  id: string;
  /** `repository@sha256:…` as the registry knows it; null for one that was built here. */
  digest: string | null;
  /** Id of the image that runs now; null when nothing runs. */
  running: string | null;
}

/** Twelve characters of an image's id, as the docker CLI shows them. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** The repository of an image's name, and its tag (`latest` where none is named); a digest is cut off. */
export function repositoryOf(reference: string): { repository: string; tag: string } {
  const [name = ''] = reference.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/')
    ? { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repository: name, tag: 'latest' };
}

/** The image that is meant by the name of a release: a tag, a digest, or a whole name of an image. */
export function referenceFor(reference: string, release: string): string {
  const { repository } = repositoryOf(reference);
  if (release.includes('/')) return release;
  return release.startsWith('sha256:') ? `${repository}@${release}` : `${repository}:${release}`;
}

/** Our own tag: keeps an image when `latest` has moved on, so that nobody's prune takes it. */
export const keptTag = (reference: string, id: string): string =>
  `${repositoryOf(reference).repository}:lockkeeper-${shortId(id)}`;

export const isKeptTag = (tag: string): boolean => /:lockkeeper-[0-9a-f]{12}$/.test(tag);
