import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SettingsHome } from '../../test/support/settings-home.js';
import { emergencyStop } from './emergency-stop.js';
import type { Io } from './io.js';

let home: SettingsHome;
const address = process.env['TEMPORAL_ADDRESS'];
beforeAll(() => {
  process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:9'; // nothing listens there
});
afterAll(() => {
  if (address === undefined) delete process.env['TEMPORAL_ADDRESS'];
  else process.env['TEMPORAL_ADDRESS'] = address;
});
beforeEach(async () => {
  home = await SettingsHome.make();
});
afterEach(() => home.remove());

async function stop(json = false): Promise<{ code: number; out: string }> {
  const lines: string[] = [];
  const say = (text: string) => void lines.push(text);
  const io: Io = { json, interactive: false, out: say, say: json ? () => undefined : say };
  const code = await emergencyStop('shop', { config: home.file, json }, io);
  return { code, out: lines.join('\n') };
}

describe('emergency stop with everything down', () => {
  it('says of each thing what came of it; what nobody has said how to do is not called done', async () => {
    const { code, out } = await stop();
    expect(code).toBe(4);
    expect(out).toMatch(/^- +close the site: lockkeeper.yaml has no closure/m);
    expect(out).toMatch(/^FAILED +stop the application: NOT STOPPED.*deploy.stop of shop/m);
    expect(out).toMatch(
      /^- +cancel the run: Temporal does not answer, and the state folder knows of no run/m,
    );
    expect(out).toContain('lockkeeper emergency status shop');
  }, 30_000);

  it('stops the application all the same when a flag cannot be written, and keeps what it did', async () => {
    const stopped = join(home.folder, 'stopped');
    await writeFile(join(home.folder, 'file'), '');
    await home.write({
      closure: { flag: join(home.folder, 'file', 'flag'), url: 'http://127.0.0.1:9/' },
      deploy: { commands: ['true'], stop: [`touch '${stopped}'`] },
    });
    const { code, out } = await stop(true);
    expect(code).toBe(4);
    const { did } = JSON.parse(out) as { did: { what: string; ok: boolean }[] };
    expect(did.slice(0, 2)).toMatchObject([
      { what: 'close the site', ok: false },
      { what: 'stop the application', ok: true },
    ]);
    expect(await readFile(stopped, 'utf8')).toBe('');
    const kept = await readFile(join(home.folder, '.lockkeeper/logs/hand-shop/emergency.jsonl'), 'utf8');
    expect(kept.trim().split('\n')).toHaveLength(did.length);
  }, 30_000);
});
