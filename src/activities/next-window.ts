import { noWindow } from '../domain/problems/people.js';
import type { Risk } from '../domain/risk.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { nextOpening, parseWindow, type Window } from '../domain/windows.js';
import type { Home } from './home.js';

/**
 * How long it is until a change of this risk may begin.
 *
 * @throws Problem `no-window` when none ever opens
 */
export async function nextWindow(
  home: Home,
  { target, risk }: RunInput & { risk: Risk },
): Promise<Noted & { waitMs: number }> {
  const { windows } = home.target(target).settings;
  const now = Date.now();
  const at = nextOpening(windows[risk].map(parsed), now);
  if (at === null) throw noWindow(target, windows[risk].join(', '));
  if (at <= now) return { waitMs: 0, note: windows[risk].length ? 'a window is open' : 'no windows are set' };
  return { waitMs: at - now, note: `waits for a window until ${new Date(at).toISOString()}` };
}

/** The settings have been read, so every window is well formed. */
function parsed(text: string): Window {
  const window = parseWindow(text);
  if (typeof window === 'string') throw new Error(window);
  return window;
}
