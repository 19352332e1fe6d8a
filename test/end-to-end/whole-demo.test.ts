import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesIn } from '../support/processes-in.js';
import { runProgram } from '../support/project.js';
import { testVenv } from '../support/servers.js';
import { cliFile } from '../support/told.js';

const MINUTES = 60_000;

/** An empty folder, and in it nothing of ours. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-whole-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it(
  'the demo runs to its end, with all that it promises',
  async () => {
    const env = { LOCKKEEPER_VENV: await testVenv() };
    // Below four minutes on two cores that do nothing else.
    const demo = await runProgram(process.execPath, [cliFile, 'demo'], {
      cwd: folder,
      env,
      ms: 18 * MINUTES,
    });
    expect({ code: demo.code, told: demo.code ? demo.out + demo.err : '' }).toEqual({ code: 0, told: '' });
    const row = (name: string) => demo.out.split('\n').find((line) => line.startsWith(`${name.padEnd(8)} `));
    // Release, risk, what came of it, how long, how long closed, and the requests: ok, 503, failed.
    const online = (words: string) => new RegExp(`^${words} +\\S.* +- +[1-9]\\d* +0 +0 +\\d`);
    const closed = (words: string) => new RegExp(`^${words} +\\S.* (s|ms) +[1-9]\\d* +[1-9]\\d* +0 +\\d`);
    expect(row('r2')).toMatch(online('r2 +low +done'));
    expect(row('r4')).toMatch(online('r4 +medium +done'));
    expect(row('r5')).toMatch(closed('r5 +high +done'));
    expect(row('r6')).toMatch(closed('r6 +very high +undone'));
    expect(row('r7')).toMatch(closed('r7 +very high +done'));
    expect(row('r8')).toMatch(online('r8 +low +done'));
    expect(row('r8 back')).toMatch(online('r8 back +low +done'));
    expect(demo.out).toMatch(/r6 +at 0006_long_parcels, schema [0-9a-f]{12}, as before it;\n.*unchanged/);
    expect(demo.out).toMatch(/r8 back +at 0008_cents_again, schema [0-9a-f]{12}, as before r8;\n.*unchanged/);
    expect(demo.out).toMatch(/requests +[\d,]+ in .*: 0 failed,\n +and 503 only while the shop was closed/);
    expect(demo.out).toContain('never the maintenance page');
    for (const line of demo.out.slice(demo.out.indexOf('What became of each')).split('\n'))
      if (!line.includes(folder)) expect(line.length).toBeLessThanOrEqual(80);
    expect(await processesIn(folder)).toEqual([]);
  },
  20 * MINUTES,
);
