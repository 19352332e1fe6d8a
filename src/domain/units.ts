const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export const GIB = 2 ** 30;
export const DAY_MS = 86_400_000;

/** Bytes as people read them: `41.0 GiB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds as people read them: `850 ms`, `2.4 s`, `6 min 41 s`, `3 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(Math.round(ms / 1000) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(ms / 1000) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `2026-11-28 21:00` of an ISO 8601 time, in its own zone. */
export const minuteOf = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** `1 revision`, `2 revisions`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** The first lines of many, and how many more there are. */
export const few = (lines: readonly string[], most: number): readonly string[] =>
  lines.length > most + 1 ? [...lines.slice(0, most), `and ${lines.length - most} more: by CLI`] : lines;
