import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill } from '../../../src/activities/backfill/fill.js';
import type { WrittenPhases } from '../../../src/activities/phases-new.js';
import { fittingTable } from '../../../src/adapters/backfill/fits.js';
import { journalId, openJournal } from '../../../src/adapters/backfill/journal.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { backfillOf, backfillSettings } from '../../../src/config/backfill.js';
import type { BackfillStanding } from '../../../src/domain/backfill/definition.js';
import { options } from '../backfill/support.js';

/** The settings of the backfills that `phases new` has written, of the way there or back. */
export const definitionsOf = ({ fills, folder }: WrittenPhases, kind: 'backfill' | 'back') =>
  fills
    .filter((each) => each.kind === kind)
    .map(({ file }) => {
      const path = join(folder, file);
      return { file, ...backfillOf(backfillSettings(readFileSync(path, 'utf8'), path), path) };
    });

/** As `lockkeeper backfill start NAME --file …` does, table by table, each to its clean end. */
export async function fillAs(
  kind: 'backfill' | 'back',
  written: WrittenPhases,
  url: string,
): Promise<BackfillStanding[]> {
  const ended: BackfillStanding[] = [];
  for (const { file, ...definition } of definitionsOf(written, kind)) {
    const id = journalId('shop', file);
    await withClient(url, { applicationName: 'test' }, async (client) => {
      const { estimate } = await fittingTable(client, definition);
      await openJournal(client, id, definition, estimate, false);
    });
    const { standing } = await fill(url, options({ id }));
    expect(standing).toMatchObject({ phase: 'done', parked: 0, left: 0, differ: 0 });
    ended.push(standing);
  }
  return ended;
}
