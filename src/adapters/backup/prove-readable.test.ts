import { sharesOf } from './prove-readable.js';

const file = (path: string, bytes: number) => ({ path, bytes, sha256: '' });

it('shares entries out by the size of their files, each once, and gives nobody an empty share', () => {
  const list = `;
; Archive created at 2026-11-26
3401; 0 16390 TABLE DATA public a postgres
3402; 0 16391 TABLE DATA public b postgres
3403; 0 16392 TABLE DATA public c postgres
220; 1259 16390 TABLE public a postgres
3500; 0 0 BLOBS - BLOBS
`;
  const files = [
    file('x.dump/3401.dat.gz', 50),
    file('x.dump/3402.dat', 40),
    file('x.dump/3403.dat.zst', 30),
    file('x.dump/toc.dat', 9),
  ];
  const numbers = sharesOf(list, files, 2).map((share) => share.match(/^\d+/gm));
  expect(numbers).toEqual([
    ['3401', '220', '3500'],
    ['3402', '3403'],
  ]);
  // What has no bytes of its own goes together.
  expect(sharesOf(list, files, 9)).toHaveLength(4);
  expect(sharesOf(list, files, 1)[0]!.trim().split('\n')).toHaveLength(5);
  expect(sharesOf(';\n', files, 2)).toEqual([]);
});
