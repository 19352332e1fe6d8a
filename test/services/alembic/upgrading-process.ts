/** node scripts/run-ts.mjs FILE SETTINGS INPUT: the step `migrate`, in a worker that can be killed. */
import { homeAt } from '../../../src/activities/home.js';
import { upgrade } from '../../../src/activities/upgrade.js';
import type { StepInput } from '../../../src/domain/steps.js';

const [settings = '', input = ''] = process.argv.slice(2);
await upgrade(homeAt(settings), JSON.parse(input) as StepInput, {
  ...{ signal: new AbortController().signal, attempt: 1 },
  progress: (text) => console.log(text),
});
