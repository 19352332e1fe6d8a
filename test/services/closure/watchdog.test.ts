import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { watchdogCommand } from '../../../src/commands/watchdog.js';
import type { Io } from '../../../src/commands/io.js';
import { flagText, type Closure } from '../../../src/domain/closure.js';

let folder: string;
let config: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-watchdog-'));
  config = join(folder, 'lockkeeper.yaml');
  // No database, and nothing that resolves its URL: the watchdog needs neither.
  const target = (flag: string) => ({
    database: { url: '${NOT_SET}' },
    closure: { flag, url: 'http://127.0.0.1:1/' },
    notify: [{ command: 'echo "$LOCKKEEPER_EVENT $LOCKKEEPER_RUN $LOCKKEEPER_TEXT" >> told' }],
  });
  const targets = { shop: target('shop-closed'), blog: target('blog-closed') };
  await writeFile(config, stringify({ version: 1, targets }));
});
afterEach(() => rm(folder, { recursive: true }));

async function watch(options: { json?: boolean; every?: string } = {}) {
  const said: string[] = [];
  const hear = (text: string) => void said.push(text);
  const io: Io = { json: options.json ?? false, interactive: false, out: hear, say: hear };
  return { code: await watchdogCommand({ config, ...options }, io), said };
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const close = (since: number, planned: number) => {
  const deadline = new Date(minutesAgo(since).getTime() + planned * 60_000).toISOString();
  const closure: Closure = {
    ...{ formatVersion: 1, target: 'shop', kind: 'run', by: 'ana@example.com', runId: '0198abcd-90cd1234' },
    ...{ reason: 'r2 changes a key', since: minutesAgo(since).toISOString(), deadline },
  };
  return writeFile(join(folder, 'shop-closed'), flagText(closure));
};

describe('the watchdog', () => {
  it('is quiet about sites that are open', async () => {
    expect(await watch()).toEqual({ code: 0, said: ['shop: open', 'blog: open'] });
  });

  it('shows a closure that is in time', async () => {
    await close(3, 10);
    const { code, said } = await watch();
    expect(code).toBe(0);
    expect(said[0]).toMatch(
      /^shop: closed for 3 min 0 s by run 90cd1234 \(ana@example.com\): r2 changes a key \(planned until /,
    );
  });

  it('sounds one that lasts longer than planned', async () => {
    await close(13, 10);
    const { code, said } = await watch();
    expect(code).toBe(4);
    expect(said).toContainEqual(
      expect.stringMatching(/^ALARM: the site of shop is closed for longer than planned: .*OVERDUE by 3 min/),
    );
    expect(said).toContain('  → open it when nothing needs it closed: lockkeeper maintenance off shop');
    const { said: json } = await watch({ json: true });
    expect(JSON.parse(json[0]!)).toMatchObject({
      sites: [{ target: 'shop', closed: true, closure: { runId: '0198abcd-90cd1234' } }, { closed: false }],
    });
  });

  const told = () =>
    readFile(join(folder, 'told'), 'utf8').then(
      (text) => text.trim().split('\n'),
      () => [],
    );

  it('tells those whom notify names: once, again after a while, and anew of the next closure', async () => {
    await close(13, 10);
    await watch();
    await watch();
    expect(await told()).toEqual([
      expect.stringMatching(
        /^closure-overdue 0198abcd-90cd1234 the site of shop is closed for longer than planned: .* r2 changes a key/,
      ),
    ]);
    const sounded = join(folder, 'shop-closed.sounded');
    const last = JSON.parse(await readFile(sounded, 'utf8')) as { at: string };
    await writeFile(sounded, JSON.stringify({ ...last, at: minutesAgo(16).toISOString() }));
    await watch();
    expect(await told()).toHaveLength(2);
    await close(30, 10);
    await watch();
    expect(await told()).toHaveLength(3);
    await rm(join(folder, 'shop-closed'));
    await watch();
    await expect(readFile(sounded)).rejects.toThrow('ENOENT');
  });

  it('tells once, too, where it cannot write beside the flag', async () => {
    await close(13, 10);
    await mkdir(join(folder, 'shop-closed.sounded'));
    await watch();
    await watch();
    expect(await told()).toHaveLength(1);
  });

  it('says who could not be told, and goes on', async () => {
    await close(13, 10);
    await mkdir(join(folder, 'told'));
    const { code, said } = await watch();
    expect(code).toBe(4);
    expect(said.at(-1)).toMatch(/^ {2}→ not told: notify\[0\]: a command of the step "notify" failed/);
  });

  it('sounds a file of somebody else that lies there for longer than a closure is planned', async () => {
    await writeFile(join(folder, 'blog-closed'), '');
    expect(await watch()).toMatchObject({
      code: 0,
      said: ['shop: open', expect.stringContaining('by a file that Lockkeeper did not write (it is empty)')],
    });
    await utimes(join(folder, 'blog-closed'), minutesAgo(11), minutesAgo(11));
    expect((await watch()).code).toBe(4);
  });

  it.each(['0', '-1', 'often', '90000', ''])('does not take --every %j', async (every) => {
    await expect(watch({ every })).rejects.toMatchObject({ code: 'wrong-use' });
  });

  it('looks again and again with --every, until it is ended', async () => {
    const script = ['scripts/run-ts.mjs', 'test/services/closure/watching-process.ts', config];
    const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    const hears = async (words: string) => {
      while (!said.includes(words)) await once(child.stdout, 'data');
    };
    await hears('shop: open');
    await close(13, 10);
    await hears('ALARM: the site of shop');
    child.kill('SIGTERM');
    await once(child, 'close');
  });
});
