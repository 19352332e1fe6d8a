import type { Message } from './record.js';

/**
 * What is wrong with a message before anybody looks at what it asks for; null when it is well formed.
 * Whether its sender may ask for it is another question, and its refusal goes into the record.
 */
export function whyMalformed(sent: unknown): string | null {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    return `this takes one JSON object, such as {"by":"you@example.com"}; got ${describe(sent)}`;
  const { by, note, doneByHand } = sent as Record<string, unknown>;
  if (typeof by !== 'string' || by.trim() === '') return 'say who you are: {"by":"you@example.com"}';
  if (by.length > 200) return '"by" is longer than 200 characters';
  if (note !== undefined && typeof note !== 'string') return '"note" must be a text';
  if (typeof note === 'string' && note.length > 1_000) return '"note" is longer than 1,000 characters';
  if (doneByHand !== undefined && typeof doneByHand !== 'boolean')
    return '"doneByHand" must be true or false';
  return null;
}

const describe = (sent: unknown): string =>
  sent === undefined ? 'nothing' : JSON.stringify(sent).slice(0, 80);

/** The message as a reducer takes it: only what belongs to it. */
export const messageFrom = (sent: unknown): Message => {
  const { by, note, doneByHand } = sent as Message;
  return { by: by.trim(), ...(note ? { note } : {}), ...(doneByHand ? { doneByHand } : {}) };
};
