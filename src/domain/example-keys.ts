const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const KEPT = 3;

/** Keys as they may be shown: numbers, dates and UUIDs as they are, of other texts the first characters. */
export const shownKeys = (keys: readonly string[]): string => keys.map(shownKey).join(', ');

export function shownKey(key: string): string {
  if (UUID.test(key)) return key;
  return key.replace(/[^\s,()"\\]*\p{L}[^\s,()"\\]*/gu, (word) =>
    UUID.test(word) || word.length <= KEPT ? word : `${word.slice(0, KEPT)}…`,
  );
}
