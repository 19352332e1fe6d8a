import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { temporal } from '@temporalio/proto';
import { replay } from '../support/replay.js';

const folder = new URL('../histories/', import.meta.url);
const files = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.json.gz'))
  .sort();

/** Runs of released versions, recorded: a run that is open while Lockkeeper is upgraded goes on. */
describe('the history of a run that an earlier version began', () => {
  it.each(files)('%s goes on as it was', async (file) => {
    const text = gunzipSync(readFileSync(new URL(file, folder))).toString();
    await replay(JSON.parse(text) as temporal.api.history.v1.IHistory); // the SDK takes JSON as well
  });

  it('is there for each workflow', () => {
    const types = new Set(
      files.map((file) => /([a-z-]+)-(completed|failed|canceled|running|terminated)/.exec(file)?.[1]),
    );
    for (const type of ['deploy', 'rollback', 'backup', 'maintenance']) expect(types).toContain(type);
  });
});
