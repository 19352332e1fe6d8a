/** Names that are written much like another, the nearest first: at most 3. */
export function near(name: string, all: readonly string[]): string[] {
  const wanted = name.toLowerCase().replaceAll('_', '-');
  return all
    .map((each) => ({ each, far: distance(wanted, each), shared: sharedWords(wanted, each) }))
    .filter(({ each, far, shared }) => far <= Math.max(2, each.length / 4) || shared >= 2)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ each }) => each);
}

const sharedWords = (a: string, b: string): number => {
  const words = new Set(a.split('-'));
  return b.split('-').filter((word) => words.has(word)).length;
};

/** How many characters must be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const last = row;
    row = [i];
    for (let j = 1; j <= b.length; j += 1)
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
  }
  return row[b.length]!;
}
