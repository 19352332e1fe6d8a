import type { Noted, RunInput } from '../domain/steps.js';
import { count } from '../domain/units.js';
import { expireBackups } from './expire.js';
import { letEndedKeepsakesGo } from './look-at-keepsakes.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

const MOST_NOTE = 1_000;

/**
 * Deletes what `backup.keep` lets go, and keepsakes whose end has passed; the former as `lockkeeper backup expire --yes` does by hand.
 *
 * @throws Problem `no-keep-policy`, `expiry-refused`, `expiry-busy`
 */
export async function letBackupsGo(home: Home, input: RunInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  // These must not wait for a clock or a store that keeps backups from going.
  const ended = await letEndedKeepsakesGo(target, input.runId, work);
  const { deleted, kept, notes } = await expireBackups(target, work);
  const gone = deleted.map(({ backup }) => backup.id).join(', ');
  const words = [
    deleted.length ? `${count(deleted.length, 'backup')} deleted: ${gone}` : 'none is to go',
    `${count(kept.length, 'backup')} kept`,
    ...notes,
    ...(ended ? [ended] : []),
  ];
  return { note: words.join('; ').slice(0, MOST_NOTE) };
}
