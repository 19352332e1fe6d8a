import { isPartly } from './blocked-short.js';
import type { Fact, RunRecord, UndoName } from './record.js';

/** How things stand, as far as this run is concerned. */
export interface State {
  site: 'open' | 'closed';
  database: 'unchanged' | 'half changed' | 'changed' | 'restored' | 'put back' | 'added schema left';
  release: 'unchanged' | 'half changed' | 'changed' | 'put back';
}

/** Told from what happened, never from an error. */
export const stateOf = ({ facts }: Pick<RunRecord, 'facts'>): State =>
  facts.reduce(after, { site: 'open', database: 'unchanged', release: 'unchanged' });

function after(state: State, fact: Fact): State {
  switch (fact.kind) {
    case 'started':
    case 'finished': {
      const how = fact.kind === 'started' ? 'half changed' : 'changed';
      if (fact.step === 'maintenance on') return { ...state, site: 'closed' };
      if (fact.step === 'maintenance off' && fact.kind === 'finished') return { ...state, site: 'open' };
      // In one transaction: half of it there never is.
      if (fact.step === 'put rows back') return how === 'changed' ? { ...state, database: how } : state;
      if (fact.step === 'migrate') return { ...state, database: how };
      if (fact.step === 'swap') return { ...state, database: how === 'changed' ? 'restored' : how };
      if (fact.step === 'deploy') return { ...state, release: how };
      if (fact.step === 'put the schema back')
        return { ...state, database: how === 'changed' ? 'put back' : how };
      if (fact.step === 'put the release back')
        return { ...state, release: how === 'changed' ? 'put back' : how };
      return state;
    }
    case 'site':
      return { ...state, site: fact.is };
    case 'blocked': // its transaction was rolled back before anybody was asked
      return { ...state, database: isPartly(fact.blocked) ? 'half changed' : 'unchanged' };
    case 'tried again':
      return { ...state, database: 'half changed' };
    case 'settled':
      return { ...state, database: settled[fact.found] };
    case 'undone':
      if (fact.undo === 'maintenance off') return { ...state, site: 'open' };
      if (isOfSchema(fact.undo)) return { ...state, database: 'put back' };
      return isOfRelease(fact.undo) ? { ...state, release: 'put back' } : state;
    case 'left':
      return isOfSchema(fact.undo) ? { ...state, database: 'added schema left' } : state;
    default:
      return state;
  }
}

const settled = { old: 'unchanged', new: 'changed', between: 'half changed' } as const;

const isOfSchema = (undo: UndoName): boolean =>
  undo === 'put the schema back' || undo === 'put the database back' || undo === 'migrate again';

const isOfRelease = (undo: UndoName): boolean => undo === 'put the release back' || undo === 'deploy again';

/** The state in one sentence, for the end of a report and of an error. */
export const stateText = ({ site, database, release }: State): string =>
  `${site === 'closed' ? 'The site is CLOSED. ' : ''}The database is ${databaseWords[database]}, the release is ${release}.`;

const databaseWords = {
  unchanged: 'unchanged',
  'half changed': 'HALF CHANGED',
  changed: 'changed',
  restored: 'restored from a backup',
  'put back': 'put back as it was',
  'added schema left': 'left with the added schema (additive; the previous release runs on it)',
} as const;
