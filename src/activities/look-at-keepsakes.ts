import { dropKeepsake } from '../adapters/keepsakes/drop.js';
import { keepsakesIn } from '../adapters/keepsakes/registry.js';
import { withClient } from '../adapters/postgres/client.js';
import type { Keepsake } from '../domain/keepsake.js';
import { noSuchKeepsake } from '../domain/problems/keepsakes.js';
import { bytes, count, DAY_MS } from '../domain/units.js';
import type { Target } from './home.js';
import { withKeepsakes } from './keepsakes.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** All that is kept of a target. */
export const keepsakesOf = (target: Target, { signal }: Pick<Work, 'signal'>): Promise<Keepsake[]> => {
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, (client) => keepsakesIn(client));
};

/** The word of the session that drops by hand. */
const BY_HAND = 'by-hand';

/** Drops one. @throws Problem `no-such-keepsake`, `keepsake-locked`, `lock-held` */
export async function letKeepsakeGo(target: Target, id: string, work: Work): Promise<Keepsake> {
  return withKeepsakes(target, BY_HAND, work, async (client, options) => {
    const all = await keepsakesIn(client);
    const found = all.find((each) => each.id === id);
    if (!found)
      throw noSuchKeepsake(
        target.name,
        id,
        all.map((each) => each.id),
      );
    await dropKeepsake(client, found, options);
    return found;
  });
}

/** Drops those whose end has passed. @returns in words what went; empty where none did */
export async function letEndedKeepsakesGo(target: Target, runId: string, work: Work): Promise<string> {
  const ended = (await keepsakesOf(target, work)).filter(hasEnded);
  if (ended.length === 0) return '';
  await withKeepsakes(target, runId, work, async (client, options) => {
    for (const each of ended) await dropKeepsake(client, each, options);
  });
  const size = bytes(ended.reduce((sum, each) => sum + each.bytes, 0));
  return `${count(ended.length, 'keepsake')} dropped (${size}): ${ended.map(({ id }) => id).join(', ')}`;
}

const hasEnded = ({ endsAt }: Keepsake): boolean => Date.parse(endsAt) <= Date.now();

/** What people are told before something that is kept goes; undefined where nothing is soon to go. */
export async function keepsakesEnding(
  target: Target,
  work: Pick<Work, 'signal'>,
): Promise<string | undefined> {
  const until = Date.now() + target.settings.keepsakes.alarmDays * DAY_MS;
  const soon = (await keepsakesOf(target, work)).filter(({ endsAt }) => Date.parse(endsAt) <= until);
  if (soon.length === 0) return undefined;
  const each = soon.map(({ id, planned, endsAt }) => `${id} of ${planned.table}, ${endsAt.slice(0, 10)}`);
  return `what was taken can be put back only until then: ${each.slice(0, 5).join('; ')}`;
}
