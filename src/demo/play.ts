import type { RunRecord } from '../domain/record.js';
import { exitCodes } from '../domain/exit-codes.js';
import { demoRejected, demoSurprise } from '../domain/problems/demo.js';
import { recordsOf } from '../local.js';
import { lockkeeper, type Stage } from './cli.js';
import { pass, type Deciders } from './gate.js';
import { lookAt, type Sight } from './proof.js';
import { paragraph } from './prose.js';
import { people, type Part } from './story.js';
import type { Span } from './traffic.js';

/** A part as it came out. */
export interface Played {
  part: Part;
  span: Span;
  /** What Lockkeeper has written down of it. */
  record: RunRecord;
  /** The database before and after it. */
  before: Sight;
  after: Sight;
}

/**
 * Plays one part of the story, by the commands that a user would type.
 *
 * @throws Problem `demo-surprise` when a command ends otherwise than it should; `demo-rejected`
 */
export async function play(stage: Stage, part: Part, deciders: Deciders): Promise<Played> {
  const { say, place } = stage;
  const url = place.env['DATABASE_URL']!;
  say(paragraph(part.tells) + '\n');
  if (part.check) {
    const { code } = await lockkeeper(stage, ['check', 'shop', '--release', part.check.release], people.cho);
    // Of high risk it ends with 1, for a CI.
    if (code !== exitCodes.done && code !== exitCodes.failed)
      throw demoSurprise(`the check of ${part.name} ended with ${code}`);
    say(`\n${paragraph(part.check.tells)}\n`);
  }
  const before = await lookAt(url);
  const from = Date.now();
  const exit = await act(stage, part, deciders);
  const span = { from, to: Date.now() };
  const record = (await recordsOf(place.state, 'shop'))[0];
  const rejected = record?.outcome === 'rejected';
  if (rejected && !part.mayBeRejected) throw demoRejected(part.name);
  if (!record || exit !== part.exit)
    throw demoSurprise(`the command of ${part.name} ended with ${exit}, not ${part.exit}; see above`);
  say(`\n${paragraph(rejected ? WELL_READ : part.moral)}\n`);
  return { part, span, record, before, after: await lookAt(url, before.mark) };
}

const WELL_READ = 'You have read what the rehearsal came to, and nothing was changed.';

async function act(stage: Stage, part: Part, deciders: Deciders): Promise<number> {
  const ran = await lockkeeper(stage, part.command, people.cho);
  if (!part.approvers.length) return ran.code;
  if (ran.code !== exitCodes.undecided)
    throw demoSurprise(`${part.name} does not wait for people; its command ended with ${ran.code}`);
  return (await pass(stage, part, ran, deciders)).code;
}
