import { demoInterrupted, demoSurprise } from '../domain/problems/demo.js';
import { exitCodes } from '../domain/exit-codes.js';
import { atTerminal, lockkeeper, nameOf, told, type Ran, type Stage } from './cli.js';
import { webUi } from './place.js';
import { paragraph } from './prose.js';
import { people, type Part } from './story.js';

/** Who decides: the demo in the names of people, or whoever sits there, or somebody elsewhere. */
export type Deciders = 'demo' | 'terminal' | 'elsewhere';

/**
 * Brings a run that waits for people past its gate, and shows it to its end.
 *
 * @param waiting - what the command has said that now waits
 * @returns what it ended with, and all that was said of it
 */
export async function pass(stage: Stage, part: Part, waiting: Ran, deciders: Deciders): Promise<Ran> {
  const plan = planIn(waiting);
  if (part.waits) stage.say(`\n${paragraph(part.waits)}\n`);
  if (part.refusesRequester) await approve(stage, people.cho, plan, exitCodes.failed);
  if (deciders !== 'demo') return waitForPeople(stage, part, waiting, deciders);
  for (const person of part.approvers) await approve(stage, person, plan, exitCodes.done);
  stage.say('');
  return lockkeeper(stage, WATCH, people.cho, unsaid(stage, waiting));
}

const WATCH = ['status', 'shop', '--watch'];

function planIn({ lines }: Ran): string {
  const plan = lines.map((line) => /--plan ([0-9a-f]{12})/.exec(line)?.[1]).find(Boolean);
  if (!plan) throw demoSurprise('the run does not wait for an approval');
  return plan;
}

async function approve(stage: Stage, person: string, plan: string, wanted: number): Promise<void> {
  const { code } = await lockkeeper(stage, ['approve', 'shop', '--plan', plan], person);
  if (code !== wanted) throw demoSurprise(`the approval of ${person} ended with ${code}, not ${wanted}`);
}

/** Says what was not said yet: a run is shown from its beginning again. */
function unsaid(stage: Stage, { lines }: Ran): (line: string) => void {
  const said = new Set(lines.map((line) => line.trim()).filter(Boolean));
  const say = told(stage);
  return (line) => {
    const text = line.trim();
    if (said.has(text)) return;
    if (text) said.add(text);
    say(line);
  };
}

/** The step `approve` in what is said of a run: it is over, whoever decided. */
const DECIDED = /^ {2}(done|failed) +approve /;

/** Watches the run from before the first question to its end: it may be decided anywhere, at any time. */
async function waitForPeople(stage: Stage, part: Part, waiting: Ran, deciders: Deciders): Promise<Ran> {
  const decided = new AbortController();
  const held: string[] = [];
  let take = (line: string): void => void held.push(line);
  const watching = lockkeeper(stage, WATCH, people.cho, (line) => {
    take(line);
    if (DECIDED.test(line)) decided.abort();
  });
  void watching.finally(() => decided.abort()).catch(() => undefined);
  stage.say(waysToDecide(stage, part, deciders));
  if (deciders === 'terminal') await askInTurn(stage, part, decided.signal);
  await over(decided.signal);
  stage.say('');
  take = unsaid(stage, waiting);
  held.forEach(take);
  return watching;
}

function waysToDecide({ place }: Stage, { approvers }: Part, deciders: Deciders): string {
  const names = approvers.map((person) => `${nameOf(person)}'s`).join(' and in ');
  const here = deciders === 'terminal' ? 'here, ' : '';
  return [
    paragraph(`It waits for you, in ${names} name: ${here}in another terminal, or in Temporal's Web UI.`),
    `  cd ${place.home}`,
    ...approvers.map((person) => `  LOCKKEEPER_USER=${person} npx lockkeeper approve shop`),
    `  ${webUi(place)}`,
    '',
  ].join('\n');
}

/** Asks one after the other, as long as it is undecided. */
async function askInTurn(stage: Stage, { approvers }: Part, decided: AbortSignal): Promise<void> {
  const takenBack = AbortSignal.any([decided, stage.stop.signal]);
  for (const person of approvers) {
    if (takenBack.aborted) return;
    stage.say(`You are ${nameOf(person)}.`);
    const code = await atTerminal(stage, ['approve', 'shop'], person, takenBack);
    if (code === exitCodes.interrupted) stage.stop.abort(demoInterrupted());
    stage.stop.signal.throwIfAborted();
    if (code === exitCodes.undecided) stage.say('It goes on waiting, for whoever decides elsewhere.');
    await Promise.race([over(takenBack), pause(SHOWN_MS)]);
  }
}

/** By then the watching command has told what was decided. */
const SHOWN_MS = 3_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const over = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
