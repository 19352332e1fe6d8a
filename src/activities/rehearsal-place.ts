import type { Plan } from '../domain/plan.js';
import type { Target } from './home.js';
import { copyBeside } from './rehearsal-beside.js';
import type { Copy, CopyInput } from './rehearsal-copy.js';
import { privateCopy } from './rehearsal-private.js';
import type { Work } from './work.js';

/**
 * Makes the copy for a rehearsal where the target wants it.
 *
 * @throws Problem `cannot-rehearse`, `no-server-programs`, `scratch-not-started`, `scratch-unfit`, `rehearsal-no-room`,
 *   `rehearsal-too-large`; those of restoring
 */
export async function copyFor(target: Target, plan: Plan, input: CopyInput, work: Work): Promise<Copy> {
  return target.settings.rehearsal.where === 'server'
    ? copyBeside(target, plan, input, work)
    : privateCopy(target, plan, input, work);
}
