import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backUp } from '../../../src/activities/back-up.js';
import type { CopyInput } from '../../../src/activities/rehearsal-copy.js';
import { copyFor } from '../../../src/activities/rehearsal-place.js';
import { manifestOfBackup } from '../../../src/adapters/backup/files.js';
import { proofsOf } from '../../../src/adapters/backup/proofs.js';
import { sameArchive } from '../../../src/adapters/backup/same-archive.js';
import { templatesOf } from '../../../src/adapters/scratch/template.js';
import { oneValue, removeFolders, run } from '../backup/support.js';
import { type Prepared, work } from '../restore/support.js';
import { projects } from './support.js';

const ready = projects();
afterEach(removeFolders);
const keeping = { settings: { rehearsal: { template: { diskGiB: 1 } } } };

/** Makes the copy of a rehearsal, does to it what a migration might, and ends it. */
async function copied({ home, plan }: Prepared, input: CopyInput) {
  const said: string[] = [];
  const copy = await copyFor(home.target(), plan, input, work({ progress: (text) => said.push(text) }));
  try {
    const total = await oneValue(copy.url, 'SELECT sum(total)::int FROM orders');
    await run(copy.url, 'DROP TABLE orders');
    await copy.becomeCareful();
    const { kept, restoreMs, alarms } = copy;
    return { kept, restoreMs, alarms, total, restored: said.includes('restoring') };
  } finally {
    await copy.close();
  }
}

it('the next rehearsal of the same archive begins with the kept copy, unless that was damaged', async () => {
  const prepared = await ready(keeping);
  const { home, input, project } = prepared;
  const taken = async (runId: string) => ({
    ...input,
    ...{ runId, backup: await backUp(home, { ...input, runId }, work()) },
  });
  const first = await copied(prepared, input);
  expect(first).toMatchObject({ restored: true, alarms: [], total: 500_500 });
  expect(first.kept).toContain('the copy is kept for the next rehearsal');

  const same = await taken(`${input.runId}-same`);
  const second = await copied(prepared, same);
  const { restoreMs } = first;
  expect(second).toMatchObject({ restored: false, restoreMs, alarms: [], total: 500_500 });
  expect(second.kept).toBe(`begun with the kept copy of the backup ${input.runId}`);
  const [proof] = (await proofsOf(same.backup)).filter(({ level }) => level === 'L3');
  expect(proof?.notes?.join()).toContain(`its archive is that of ${input.runId}`);

  const [template] = await templatesOf(project.path('.lockkeeper'), project.target);
  const [largest] = [...template!.note.files].sort((a, b) => b.bytes - a.bytes);
  const path = join(template!.folder, 'data', largest!.path);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
  const anew = await copied(prepared, same);
  expect(anew).toMatchObject({ restored: true, total: 500_500 });
  expect(anew.alarms.join()).toContain(`was damaged (${largest!.path} is not what was kept)`);

  await run(project.url, 'UPDATE orders SET total = 0 WHERE id = 1000');
  const other = await taken(`${input.runId}-other`);
  const archiveOf = async ({ backup }: CopyInput) => sameArchive(backup, await manifestOfBackup(backup));
  expect(await archiveOf(same)).toBe(await archiveOf(input));
  expect(await archiveOf(other)).not.toBe(await archiveOf(input));
});
