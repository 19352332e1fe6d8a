import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { temporal } from '@temporalio/proto';
import { replay } from '../support/replay.js';

const folder = new URL('../histories/', import.meta.url);
const files = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.json.gz'))
  .sort();

const textOf = (file: string): string => gunzipSync(readFileSync(new URL(file, folder))).toString();

/** Runs of released versions, recorded: a run that is open while Lockkeeper is upgraded goes on. */
describe('the history of a run that an earlier version began', () => {
  it.each(files)('%s goes on as it was', async (file) => {
    await replay(JSON.parse(textOf(file)) as temporal.api.history.v1.IHistory); // the SDK takes JSON as well
  });

  it('is there for each workflow', () => {
    const types = new Set(
      files.map((file) => /([a-z-]+)-(completed|failed|canceled|running|terminated)/.exec(file)?.[1]),
    );
    const wanted = [
      ...['deploy', 'rollback', 'backup', 'maintenance', 'restore'],
      ...['prove', 'drill', 'expire', 'scheduled', 'phases', 'backfill'],
    ];
    expect(wanted.filter((type) => !types.has(type))).toEqual([]);
  });

  it('is there for each way of a restore', () => {
    const restores = files.filter((file) => file.includes('/restore-')).map(textOf);
    const ways = ['swapIn', 'swapBack', 'applyTables', 'makePoint'];
    const isMissing = (way: string) => !restores.some((text) => text.includes(`"name": "${way}"`));
    expect(ways.filter(isMissing)).toEqual([]);
  });
});
