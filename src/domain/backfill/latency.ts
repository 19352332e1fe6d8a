/** The value that 95 of 100 do not exceed (nearest rank); null of none. */
export function p95Of(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
