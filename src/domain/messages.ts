import { whyBadRate } from './backfill/request.js';
import { blockedChoices } from './blocked-gate.js';
import { choices } from './gate.js';
import type { Message } from './record.js';

/**
 * What is wrong with the form of a message; null when it is well formed. Whether its sender may ask for it,
 * and whether a name is given at all, is another question: that refusal goes into the record.
 */
export function whyMalformed(sent: unknown): string | null {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    return `this takes one JSON object, such as {"by":"you@example.com"}; got ${describe(sent)}`;
  const message = sent as Record<string, unknown>;
  for (const [key, most] of Object.entries(texts)) {
    const text = message[key];
    if (text !== undefined && typeof text !== 'string') return `"${key}" must be a text`;
    if (typeof text === 'string' && text.length > most) return `"${key}" is longer than ${most} characters`;
  }
  for (const key of ['doneByHand', 'force'])
    if (message[key] !== undefined && typeof message[key] !== 'boolean')
      return `"${key}" must be true or false`;
  const all: readonly unknown[] = [...choices, ...blockedChoices];
  if (message['choice'] !== undefined && !all.includes(message['choice']))
    return `"choice" must be one of ${all.join(', ')}`;
  if (message['turn'] !== undefined && !['on', 'off'].includes(String(message['turn'])))
    return '"turn" must be "on" or "off"';
  return (
    whyBadMinutes(message['minutes']) ??
    whyBadBudget(message['budgetMs']) ??
    whyBadPids(message['pids']) ??
    (message['rowsPerSecond'] === undefined ? null : whyBadRate(message['rowsPerSecond']))
  );
}

/** Longest planned closure: a day. */
export const MOST_MINUTES = 1_440;

/** What is wrong with the planned length of a closure; null when it is well formed, or not there. */
export function whyBadMinutes(minutes: unknown): string | null {
  if (minutes === undefined) return null;
  const fits = typeof minutes === 'number' && minutes > 0 && minutes <= MOST_MINUTES;
  return fits ? null : `"minutes" must be a number above 0 and up to ${MOST_MINUTES}`;
}

/** Longest stall that can be approved: an hour, in milliseconds. */
export const MOST_BUDGET_MS = 3_600_000;

function whyBadBudget(budgetMs: unknown): string | null {
  if (budgetMs === undefined) return null;
  const fits = Number.isInteger(budgetMs) && Number(budgetMs) > 0 && Number(budgetMs) <= MOST_BUDGET_MS;
  return fits
    ? null
    : `"budgetMs" must be a whole number of milliseconds, above 0 and up to ${MOST_BUDGET_MS}`;
}

const MOST_PIDS = 100;

function whyBadPids(pids: unknown): string | null {
  if (pids === undefined) return null;
  const fits =
    Array.isArray(pids) && pids.length <= MOST_PIDS && pids.every((pid) => Number.isInteger(pid) && pid > 0);
  return fits ? null : `"pids" must be a list of at most ${MOST_PIDS} process ids, such as [4711]`;
}

/** Why a message `maintenance` says too little to act on; null when it says who and what. */
export function whyNoToggle({ by, turn }: Message): string | null {
  if (!by) return 'say who you are: {"by":"you@example.com","turn":"off"}';
  return turn ? null : 'say what shall be done: {"turn":"on"} or {"turn":"off"}';
}

/** The texts of a message, and how long they may be. */
const texts = { by: 200, note: 1_000, plan: 64, typed: 200, reason: 200, overrule: 500 } as const;

const describe = (sent: unknown): string =>
  sent === undefined ? 'nothing' : JSON.stringify(sent).slice(0, 80);

/** The message as a reducer takes it: only what belongs to it. */
export function messageFrom(sent: unknown): Message {
  const {
    by,
    note,
    plan,
    typed,
    choice,
    doneByHand,
    turn,
    reason,
    minutes,
    force,
    budgetMs,
    pids,
    rowsPerSecond,
    overrule,
  } = sent as Message;
  return {
    ...(by?.trim() ? { by: by.trim() } : {}),
    ...(note ? { note } : {}),
    ...(plan ? { plan } : {}),
    ...(typed ? { typed } : {}),
    ...(choice ? { choice } : {}),
    ...(doneByHand ? { doneByHand } : {}),
    ...(turn ? { turn } : {}),
    ...(reason ? { reason } : {}),
    ...(minutes ? { minutes } : {}),
    ...(force ? { force } : {}),
    ...(budgetMs ? { budgetMs } : {}),
    ...(pids ? { pids } : {}),
    ...(rowsPerSecond === undefined ? {} : { rowsPerSecond }),
    ...(overrule?.trim() ? { overrule: overrule.trim() } : {}),
  };
}
