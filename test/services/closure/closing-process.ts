/** node scripts/run-ts.mjs FILE SETTINGS: closes the site as run-1 does, in a process that can be killed. */
import { closeSite } from '../../../src/activities/close-site.js';
import { homeAt } from '../../../src/activities/home.js';

const input = { target: 'shop', runId: 'run-1', kind: 'run', by: 'ana', reason: 'killed' } as const;
const progress = (text: string) => console.log(text);
await closeSite(homeAt(process.argv[2]), input, {
  signal: new AbortController().signal,
  progress,
  attempt: 1,
});
console.log('closed');
