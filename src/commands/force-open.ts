import { connected, latestRun } from '../client.js';
import { forceNeedsName } from '../domain/problems/closure.js';
import { seenAtText } from '../domain/emergency.js';
import { workflowIdOf } from '../domain/requests.js';
import { closureOf, explainRun, lookAt, type Target, type Work } from '../local.js';
import type { Io } from './io.js';
import { isUnreachable } from './unreachable.js';

/**
 * Before a site is opened that a run has closed: with Temporal there the run itself can be asked. Without it, it is
 * told what is known (which run, at which step, how the schema stands), and the name of the target must be typed.
 *
 * @param typed - by `--typed`, where nobody sits at a terminal
 * @throws Problem `force-needs-name`
 */
export async function mayForceOpen(
  target: Target,
  typed: string | undefined,
  io: Io,
  work: Work,
): Promise<void> {
  const site = await closureOf(target, Date.now());
  if (site?.flag.is !== 'closure') return;
  const { kind, usedBy } = site.flag.closure;
  if ((kind !== 'run' && !usedBy) || (await answers(target))) return;
  const known = await whatIsKnown(target, site.says, work);
  for (const line of known) io.say(line);
  const given = typed ?? (io.interactive ? await ask(target.name) : undefined);
  if (given !== target.name) throw forceNeedsName(target.name, known, given);
}

const answers = (target: Target): Promise<boolean> =>
  connected(target.config.state, async (client) => {
    await latestRun(client, workflowIdOf(target.name));
    return true;
  }).catch((error: unknown) => {
    if (isUnreachable(error)) return false;
    throw error;
  });

async function whatIsKnown(target: Target, site: string, work: Work): Promise<string[]> {
  const run = await explainRun(target, 'put-back');
  const schema = await lookAt(target, work.signal).then(
    (seen) => (seen ? seenAtText(seen) : 'no plan is known to compare the schema with'),
    (error: unknown) => `where the database stands is not known: ${(error as Error).message}`,
  );
  return [
    'Temporal does not answer, so that the run cannot be asked. What is known:',
    `  site    ${site}`,
    `  run     ${run?.says ?? 'no run is known in the state folder'}`,
    `  schema  ${schema}`,
    `  by hand lockkeeper explain ${target.name}`,
  ];
}

async function ask(target: string): Promise<string | undefined> {
  const { isCancel, text } = await import('@clack/prompts');
  const typed = await text({ message: `Type ${target} to open its site all the same` });
  return isCancel(typed) ? undefined : typed;
}
