/** A worker at a backfill, so that somebody can kill it in the middle. */
import { fill } from '../../../src/activities/backfill/fill.js';
import { projectIn } from './project.js';
import { options } from './support.js';

const [url = '', folder = ''] = process.argv.slice(2);
const { over } = await fill(
  url,
  options({
    project: projectIn(folder),
    progress: ({ batches }) => void process.stdout.write(`${batches}\n`),
  }),
);
process.stdout.write(over ? 'over\n' : 'not over\n');
