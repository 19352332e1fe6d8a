/** A worker at a backfill, so that somebody can kill it in the middle. */
import { fill } from '../../../src/activities/backfill/fill.js';
import { options } from './support.js';

const [url = ''] = process.argv.slice(2);
const { over } = await fill(
  url,
  options({ progress: ({ batches }) => void process.stdout.write(`${batches}\n`) }),
);
process.stdout.write(over ? 'over\n' : 'not over\n');
