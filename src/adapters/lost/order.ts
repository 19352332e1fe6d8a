/** A foreign key: its table, and the one that it refers to. */
export interface Reference {
  child: string;
  parent: string;
}

/** Names so that parents come before their children; where they go round in a circle, in the order given. */
export function parentsFirst(names: readonly string[], references: readonly Reference[]): string[] {
  const known = new Set(names);
  const parents = new Map<string, string[]>();
  for (const { child, parent } of references)
    if (known.has(child) && known.has(parent) && child !== parent)
      parents.set(child, [...(parents.get(child) ?? []), parent]);
  const order: string[] = [];
  const seen = new Set<string>();
  for (const first of names) if (!seen.has(first)) visit(first);
  return order;

  /** By hand, not by calls of itself: a chain of foreign keys may be longer than the stack is deep. */
  function visit(first: string): void {
    const path = [first];
    while (path.length) {
      const name = path.at(-1)!;
      seen.add(name);
      const next = (parents.get(name) ?? []).find((parent) => !seen.has(parent));
      if (next !== undefined) {
        path.push(next);
        continue;
      }
      path.pop();
      order.push(name);
    }
  }
}
