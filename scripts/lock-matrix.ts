/**
 * npm run lock-matrix [-- MAJOR… --record --download]: measures what each case does to locks on every server at hand, and
 * compares it with the model. --record keeps what was measured, --download fetches the servers that are missing.
 */
import { fileURLToPath } from 'node:url';
import { cases } from './lock-matrix/cases/index.js';
import { compared, comparisonText, faults } from './lock-matrix/compare.js';
import { download } from './lock-matrix/download.js';
import { changedSince, readRecord, writeRecord } from './lock-matrix/record.js';
import { measureAll } from './lock-matrix/run.js';
import { cacheFolder, programsAtHand, start } from './lock-matrix/servers.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const asked = words.filter((word) => /^\d+$/.test(word)).map(Number);
const majors = asked.length > 0 ? asked : [11, 12, 13, 14, 15, 16, 17, 18];

if (words.includes('--download')) await downloadMissing();
const atHand = await programsAtHand(root);
const absent = majors.filter((major) => !atHand.has(major));
if (absent.length > 0)
  console.log(`not at hand: ${absent.join(', ')} (--download fetches them into ${cacheFolder()})`);
for (const major of majors) {
  const bin = atHand.get(major);
  if (bin) await check(major, bin);
}

async function downloadMissing(): Promise<void> {
  const known = await programsAtHand(root);
  for (const major of majors.filter((each) => !known.has(each))) {
    console.log(`PostgreSQL ${major}: downloading`);
    await download(major);
  }
}

async function check(major: number, bin: string): Promise<void> {
  const began = performance.now();
  const server = await start(root, bin);
  try {
    const outcomes = await measureAll(server, cases);
    const measured = Object.fromEntries(outcomes.map((each) => [each.id, each.measured]));
    const changed = changedSince(readRecord(root, major), measured);
    const differing = outcomes.flatMap((each) => compared(each.id, each.measured, each.predicted) ?? []);
    const wrong = faults(outcomes.length, differing);
    const right = ((1 - differing.length / outcomes.length) * 100).toFixed(1);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
      `PostgreSQL ${server.version}: ${outcomes.length} cases, ${right} % as predicted (${seconds} s)`,
    );
    for (const each of differing) console.log(comparisonText(each));
    for (const each of wrong) console.error(`  FAULT ${each}`);
    if (words.includes('--record')) writeRecord(root, major, { server: server.version, cases: measured });
    else if (changed.length > 0) console.error(`  FAULT not as recorded:\n${changed.join('\n')}`);
    if (wrong.length > 0 || (changed.length > 0 && !words.includes('--record'))) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}
