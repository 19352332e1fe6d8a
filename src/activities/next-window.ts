import type { Risk } from '../domain/risk.js';
import type { Noted, RunInput } from '../domain/steps.js';
import type { Home } from './home.js';
import { minute, openingFor } from './plan-age.js';

/**
 * How long it is until a change of this risk may begin.
 *
 * @param input.madeAt - when its plan was made, which must not be too old by then
 * @param input.later - the next window, although one is open now
 * @throws Problem `no-window`, `window-too-late`
 */
export async function nextWindow(
  home: Home,
  input: RunInput & { risk: Risk; madeAt?: string | undefined; later?: boolean },
): Promise<Noted & { waitMs: number }> {
  const target = home.target(input.target);
  const now = Date.now();
  const at = openingFor(target, input.risk, input, now);
  const some = target.settings.windows[input.risk].length > 0;
  if (at <= now) return { waitMs: 0, note: some ? 'a window is open' : 'no windows are set' };
  return { waitMs: at - now, note: `waits for a window until ${minute(at)}` };
}
