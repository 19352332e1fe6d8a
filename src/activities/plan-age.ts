import { neverCloses, noWindow, planTooOld, windowOver, windowTooLate } from '../domain/problems/people.js';
import type { Risk } from '../domain/risk.js';
import { minuteOf } from '../domain/units.js';
import { laterOpening, nextOpening, parseWindow, type Window } from '../domain/windows.js';
import type { Target } from './home.js';

const MINUTE_MS = 60_000;

interface Made {
  /** When the plan was made: ISO 8601; nothing is known of the age of plans of older versions. */
  madeAt?: string | undefined;
  /** Ask for the next window, although one is open now. */
  later?: boolean;
}

/** @throws Problem `plan-too-old` when the plan is older than the target allows */
export function assertYoung({ name, settings }: Target, { madeAt }: Made, now = Date.now()): void {
  const { planAgeMinutes } = settings.approval;
  const ageMs = madeAt === undefined ? 0 : now - Date.parse(madeAt);
  if (ageMs > planAgeMinutes * MINUTE_MS) throw planTooOld(name, ageMs, planAgeMinutes);
}

/**
 * When a change of this risk may begin: now inside of a window, else when the next one opens.
 *
 * @returns milliseconds since 1970
 * @throws Problem `no-window` when none (or no later one) ever opens, `window-too-late` when the plan will be too old by then
 */
export function openingFor(target: Target, risk: Risk, { madeAt, later }: Made, now = Date.now()): number {
  const { approval } = target.settings;
  const at = later ? opensLater(target, risk, now) : opensAt(target, risk, now);
  const until = (madeAt === undefined ? now : Date.parse(madeAt)) + approval.planAgeMinutes * MINUTE_MS;
  if (at > now && at >= until)
    throw windowTooLate(target.name, minute(at), minute(until), approval.planAgeMinutes);
  return at;
}

/** @returns milliseconds since 1970: `now` inside of a window, and where there are none */
function opensAt({ name, settings: { windows } }: Target, risk: Risk, now: number): number {
  const at = nextOpening(windows[risk].map(parsed), now);
  if (at === null) throw noWindow(name, windows[risk].join(', '));
  return at;
}

/** @returns milliseconds since 1970 */
function opensLater({ name, settings: { windows } }: Target, risk: Risk, now: number): number {
  const at = laterOpening(windows[risk].map(parsed), now);
  if (at === null) throw neverCloses(name, windows[risk].join(', '));
  return at;
}

/**
 * Asked again right before the migration: between the opening of a window and this a worker may have been away.
 *
 * @throws Problem `window-over` when the plan waits for windows and none is open
 */
export function assertInWindow(
  target: Target,
  { risk, gate }: { risk: Risk; gate: { hasWindow: boolean } },
  now = Date.now(),
): void {
  if (!gate.hasWindow) return;
  const at = opensAt(target, risk, now);
  if (at > now) throw windowOver(target.name, minute(at));
}

/** When it may begin, in words to put behind others; nothing where it may at once. */
export function windowNote(target: Target, risk: Risk, made: Made): string {
  const now = Date.now();
  const at = openingFor(target, risk, made, now);
  return at > now ? `; the next window opens at ${minute(at)}` : '';
}

/** `2026-11-28 21:00 UTC` */
export const minute = (at: number): string => `${minuteOf(new Date(at).toISOString())} UTC`;

/** The settings have been read, so every window is well formed. */
function parsed(text: string): Window {
  const window = parseWindow(text);
  if (typeof window === 'string') throw new Error(window);
  return window;
}
