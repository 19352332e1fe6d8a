import { letImagesGo } from '../../../src/adapters/compose/images.js';
import { isKeptTag, keptTag, referenceFor, repositoryOf } from '../../../src/domain/image.js';
import { fakeTools, type Says } from '../../support/docker/fake-tools.js';

const idOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const tagOf = (digit: string) => `ghcr.io/acme/shop:lockkeeper-${digit.repeat(12)}`;

describe('names of images', () => {
  it.each([
    ['ghcr.io/acme/shop:latest', 'ghcr.io/acme/shop', 'latest'],
    ['127.0.0.1:5000/shop', '127.0.0.1:5000/shop', 'latest'],
    ['127.0.0.1:5000/shop:r2@sha256:abc', '127.0.0.1:5000/shop', 'r2'],
  ])('%s', (reference, repository, tag) => {
    expect(repositoryOf(reference)).toEqual({ repository, tag });
  });

  it.each([
    ['r2', 'ghcr.io/acme/shop:r2'],
    ['sha256:abc', 'ghcr.io/acme/shop@sha256:abc'],
    ['ghcr.io/other/shop:r2', 'ghcr.io/other/shop:r2'],
  ])('a release named %s', (release, reference) => {
    expect(referenceFor('ghcr.io/acme/shop:latest', release)).toBe(reference);
  });

  it('has tags of our own', () => {
    expect(keptTag('ghcr.io/acme/shop:latest', idOf('a'))).toBe(tagOf('a'));
    expect(isKeptTag(tagOf('a'))).toBe(true);
    expect(isKeptTag('ghcr.io/acme/shop:backup')).toBe(false);
  });
});

describe('letImagesGo', () => {
  const all = ['1', '2', '3', '4', '5'];
  const inspect = (digit: string): Says[number] => [
    new RegExp(`^image inspect .* ${idOf(digit)}$`),
    {
      stdout: JSON.stringify({
        Id: idOf(digit),
        RepoTags: [tagOf(digit)],
        RepoDigests: [],
        Created: `2026-01-0${digit}`,
        Config: null,
      }),
    },
  ];
  const place = fakeTools({
    docker: [
      [
        /^image ls/,
        {
          stdout: [
            ...all.map((each) => `${idOf(each)} ${tagOf(each)}`),
            `${idOf('5')} ghcr.io/acme/shop:latest`,
          ].join('\n'),
        },
      ],
      ...all.map(inspect),
      [new RegExp(`^ps .*ancestor=${idOf('2')}$`), { stdout: 'c1\n' }],
      [/^ps /, { stdout: '' }],
      // Only our own tags, by their names: with an id the engine takes the other tags away, and then refuses.
      [new RegExp(`^rmi ghcr.io/acme/shop:lockkeeper-[0-9]{12}$`), { stdout: 'Untagged' }],
    ],
  });

  it('takes our own tags from the oldest, by name, and from none that a container was made of', async () => {
    const keep = new Set([idOf('5')]);
    expect(await letImagesGo(place, 'ghcr.io/acme/shop:latest', { keep, most: 1 })).toEqual([
      tagOf('3'),
      tagOf('1'),
    ]);
  });

  it('never takes what is in use, whatever its age', async () => {
    const keep = new Set([idOf('1'), idOf('5')]);
    expect(await letImagesGo(place, 'ghcr.io/acme/shop:latest', { keep, most: 2 })).toEqual([]);
  });
});
