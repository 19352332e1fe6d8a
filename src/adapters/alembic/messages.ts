import type { BridgeAsk, BridgeEvent, BridgeMessage, BridgeResult } from './events.js';

const isResult = (message: BridgeMessage): message is BridgeResult =>
  'event' in message && ['inspection', 'done', 'written', 'over', 'failed'].includes(message.event);
const isAsk = (message: BridgeMessage): message is BridgeAsk => 'ask' in message;

/** Hands a message to whom it concerns. */
export function sort(
  message: BridgeMessage,
  to: {
    ask: (ask: BridgeAsk) => void;
    result: (result: BridgeResult) => void;
    event: ((event: BridgeEvent) => void) | undefined;
  },
): void {
  if (isAsk(message)) to.ask(message);
  else if (isResult(message)) to.result(message);
  else to.event?.(message);
}

/** SQL is what is judged and hashed, and rows are what is written: taken as they are. */
const verbatim: readonly string[] = ['upSql', 'downSql', 'returned'];

/**
 * Reads a line of the bridge; its start is a number that only this run's bridge knows, so that what follows
 * is its own. Passwords are masked in all but the SQL to be judged.
 *
 * @returns null when the line is the project's own
 */
export function readMessage(line: string, nonce: string): BridgeMessage | null {
  const start = `@lk:${nonce} `;
  const at = line.indexOf(start); // What the interpreter's launcher printed may stand before it, without an end.
  if (at < 0) return null;
  return JSON.parse(line.slice(at + start.length), (key, value: unknown) =>
    typeof value === 'string' && !verbatim.includes(key) ? masked(value) : value,
  ) as BridgeMessage;
}

/** The text without the passwords of URLs, of connection strings and of `PASSWORD '…'`. */
export const masked = (text: string): string =>
  text
    .replace(/(:\/\/[^\s:/@"']*:)[^\s"']*@/g, '$1***@')
    .replace(/\b(password\s*=\s*)('[^']*'|[^\s'"]+)/gi, '$1***')
    .replace(/\b(password\s+)'(?:[^']|'')*'/gi, "$1'***'");
