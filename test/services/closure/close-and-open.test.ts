import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { closeSite, type CloseInput } from '../../../src/activities/close-site.js';
import { closures } from '../../../src/activities/closures.js';
import { openSite, type OpenInput } from '../../../src/activities/open-site.js';
import { closureFrom, flagText, type Closure } from '../../../src/domain/closure.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { quietly, Site, underLoad } from './site.js';

let site: Site;
let database: TestDatabase;
beforeAll(async () => {
  [site, database] = [await Site.open(), await freshDatabase()];
});
afterEach(() => rm(site.flag, { force: true }));
afterAll(async () => {
  await site.close();
  await database.drop();
});

const run = { target: 'shop', runId: 'run-1', kind: 'run', by: 'ana@example.com' } as const;
const hand = { ...run, runId: 'by-hand-1', kind: 'hand' } as const;

const close = async (input: Partial<CloseInput> = {}, settings: Record<string, unknown> = {}) =>
  closeSite(
    await site.project(database.url, settings),
    { ...run, reason: 'r2 changes a key', ...input },
    quietly(),
  );
const open = async (input: Partial<OpenInput> = {}, settings: Record<string, unknown> = {}) =>
  openSite(await site.project(database.url, settings), { ...run, ...input }, quietly());

/** Puts a flag file there as a closing that is over has left it. */
const lay = async (closure: Partial<Closure> | string) => {
  const times = { since: '2026-01-02T03:04:05.000Z', deadline: '2026-01-02T03:14:05.000Z' };
  const whole: Closure = {
    formatVersion: 1,
    ...run,
    reason: 'r2 changes a key',
    ...times,
    ...(closure as object),
  };
  await mkdir(dirname(site.flag), { recursive: true });
  await writeFile(site.flag, typeof closure === 'string' ? closure : flagText(whole));
};
const flag = async () => closureFrom(await readFile(site.flag, 'utf8')) as Closure;
const status = async () => (await site.ask()).status;
const problem = (code: string) => expect.objectContaining({ code });

describe('a site', () => {
  it('is closed and opened under load without a request that fails', async () => {
    const [stop, start] = [join(site.folder, 'stopped'), join(site.folder, 'started')];
    const settings = { stop: [`echo $LOCKKEEPER_RUN > ${stop}`], start: [['touch', start]], minutes: 5 };
    let [began, ended] = [0, 0];
    const answered = await underLoad(site, async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      began = Date.now();
      const { since, deadline, counters, note } = await close({}, settings);
      expect(await flag()).toEqual({
        ...{ formatVersion: 1, target: 'shop', kind: 'run', by: 'ana@example.com', runId: 'run-1' },
        ...{ reason: 'r2 changes a key', since, deadline },
      });
      expect(Date.parse(deadline) - Date.parse(since)).toBe(300_000);
      expect(counters).toMatch(/^[0-9a-f]{64}$/);
      expect(note).toMatch(/^closed since .* planned until .*; writers are stopped/);
      expect(await readFile(stop, 'utf8')).toBe('run-1\n');
      expect(await open({}, settings)).toEqual({
        note: expect.stringMatching(/^open; it was closed for .* by run run-1 \(ana@example.com\)$/),
      });
      await readFile(start);
      ended = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    expect([...new Set(answered.map((each) => each.status))].sort()).toEqual([200, 503]);
    const outside = answered.filter(({ atMs }) => atMs < began || atMs > ended);
    expect(outside.length).toBeGreaterThan(60);
    expect(outside.filter(({ status: got }) => got !== 200)).toEqual([]);
    expect(await readdir(dirname(site.flag))).toEqual([]);
  });

  it('that this run has closed already is confirmed, and keeps its times', async () => {
    await lay(run);
    const { since, deadline } = await flag();
    expect(await close({ reason: 'again' })).toMatchObject({ since, deadline });
    expect((await flag()).reason).toBe('r2 changes a key');
    expect(await status()).toBe(503);
    await open();
    expect(await open()).toEqual({ note: 'the site was open already' });
    expect(await status()).toBe(200);
  });

  it('closed by hand is renewed by the same person, and opened by any', async () => {
    await lay(hand);
    const first = await flag();
    const second = await close({ ...hand, reason: 'takes longer', minutes: 60 });
    expect(second.since).toBe(first.since);
    expect(await flag()).toMatchObject({ reason: 'takes longer', deadline: second.deadline, kind: 'hand' });
    await expect(close({ ...hand, by: 'bo@example.com' })).rejects.toThrow(problem('closed-by-other'));
    expect((await open({ ...hand, by: 'bo@example.com', runId: 'by-hand-2' })).note).toMatch(
      /ana@example.com by hand/,
    );
    expect(await status()).toBe(200);
  });

  it('closed by hand: a run works in it, nobody opens it meanwhile, and it is not the run’s to open', async () => {
    await lay(hand);
    expect((await close()).note).toMatch(/^closed by ana@example.com by hand already since 2026-01-02/);
    expect((await close()).note).toMatch(/^closed by ana@example.com by hand already/);
    await expect(open(hand)).rejects.toThrow(problem('used-by-run'));
    expect(await open()).toEqual({ closed: expect.stringContaining('by ana@example.com by hand') });
    expect(await status()).toBe(503);
    await open(hand);
    expect(await status()).toBe(200);
  });

  it('closed by a run is opened by hand only with force', async () => {
    await lay(run);
    await expect(close({ runId: 'run-2' })).rejects.toThrow(problem('closed-by-other'));
    expect(await open({ runId: 'run-2' })).toEqual({ closed: expect.stringContaining('run run-1') });
    await expect(open(hand)).rejects.toThrow(problem('closed-by-other'));
    expect(await status()).toBe(503);
    await open({ ...hand, force: true });
    expect(await status()).toBe(200);
  });

  it('closed by two at once is closed by one, and the other is told', async () => {
    const home = await site.project(database.url);
    const both = await Promise.allSettled(
      ['run-1', 'run-2'].map((runId) => closeSite(home, { ...run, runId, reason: 'at once' }, quietly())),
    );
    expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find((each) => each.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'closed-by-other' });
  });

  it('has a page with the planned end while it is closed', async () => {
    const page = `${site.flag}.html`;
    await site.serve(site.snippet({ page }));
    const { deadline } = await close();
    const asked = await site.ask({ headers: { 'accept-language': 'ko' } });
    expect(asked.body).toContain(`<time datetime='${deadline}'>`);
    expect(asked.body).toMatch(/^<!doctype html><html lang='ko'>/);
    await open();
    await expect(readFile(page)).rejects.toThrow('ENOENT');
  });
});

describe('a site closed for writes only', () => {
  const post = async () => (await site.ask({ method: 'POST', body: 'x' })).status;

  it('is read on, with a page that says so, and opened again', async () => {
    const { note } = await close({}, { scope: 'writes' });
    expect(note).toMatch(/^closed for writes since /);
    expect([await status(), await post()]).toEqual([200, 503]);
    expect((await close({}, { scope: 'writes' })).note).toMatch(/^closed for writes since /);
    const [standing] = await closures(await site.project(database.url), Date.now());
    expect(standing?.says).toMatch(/^writes are closed for /);
    await open({}, { scope: 'writes' });
    expect([await status(), await post()]).toEqual([200, 200]);
    expect(await readdir(dirname(site.flag))).toEqual([]);
  });

  it('by hand is no closure for a run that needs all of it; the same person widens it', async () => {
    await close({ ...hand, scope: 'writes' });
    await expect(close()).rejects.toThrow(problem('closed-for-writes-only'));
    expect((await close({}, { scope: 'writes' })).note).toMatch(/^closed for writes by ana/);
    await open();
    await close({ ...hand, scope: 'site' });
    expect([await status(), await post()]).toEqual([503, 503]);
    await open(hand);
    expect([await status(), await post()]).toEqual([200, 200]);
  });

  it('by an nginx that knows no such thing is refused, and nothing reaches the application', async () => {
    await site.serve(`if (-f "${site.flag}") { return 503; }`);
    await expect(close({}, { scope: 'writes' })).rejects.toThrow(problem('not-closed'));
    await site.serve(site.snippet());
    expect(await readdir(dirname(site.flag))).toEqual([]);
  }, 20_000);
});

describe('a site that does not see the flag', () => {
  it('is closed and opened by commands, whose include is never loaded when nginx refuses it', async () => {
    const include = join(site.folder, 'switch.conf');
    const nginx = site.command.map((word) => `'${word}'`).join(' ');
    const load = `${nginx} -t && ${nginx} -s reload`;
    const by = (text: string) => `printf '%s' '${text}' > ${include}; ${load}`;
    await writeFile(include, '');
    await site.serve(`include ${include};`);
    const closed = 'add_header X-Lockkeeper-Closure shop always; return 503;';
    const settings = { switch: { close: [by(closed)], open: [by('')] } };
    await close({}, settings);
    expect(await status()).toBe(503);
    await open({}, settings);
    expect(await status()).toBe(200);
    await expect(close({}, { switch: { close: [by('retrun 503;')], open: [by('')] } })).rejects.toMatchObject(
      {
        code: 'command-failed',
        told: { why: expect.stringContaining('unknown directive "retrun"') },
      },
    );
    expect(await status()).toBe(200);
    await open({}, settings);
    await site.serve(site.snippet());
  }, 30_000);
});

describe('a closing that cannot be', () => {
  it('for a folder that is none is refused in words, and leaves the site open', async () => {
    const file = join(site.folder, 'lockkeeper.yaml');
    await expect(close({}, { flag: join(file, 'flag') })).rejects.toThrow(problem('flag-not-writable'));
    await expect(close({}, { flag: '/sys/nowhere/flag' })).rejects.toThrow(problem('flag-not-writable'));
    await mkdir(dirname(site.flag), { recursive: true });
    await symlink('nowhere', site.flag);
    await expect(close()).rejects.toThrow(problem('flag-malformed'));
    await rm(site.flag);
    await expect(close({}, { flag: site.folder })).rejects.toThrow(problem('flag-malformed'));
    expect(await status()).toBe(200);
  });

  it('by an nginx that does not read the flag names the two lines, and takes the flag away', async () => {
    await site.serve('');
    const refused = await close().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'not-closed',
      told: { why: expect.stringContaining('it answered 200') },
    });
    const { next } = (refused as { told: { next: string[] } }).told;
    expect(next[0]).toContain('must include our lines: lockkeeper init --nginx shop');
    await expect(readFile(site.flag)).rejects.toThrow('ENOENT');
    await site.serve(site.snippet());
  }, 20_000);

  it('of the site of another target is noticed', async () => {
    await site.serve(site.snippet({ target: 'blog' }));
    await expect(close()).rejects.toMatchObject({
      code: 'not-closed',
      told: { next: [expect.stringContaining('another target, blog')] },
    });
    await site.serve(site.snippet());
  }, 20_000);

  it('while nginx is down is refused before the flag is set; one that was there stays', async () => {
    await site.stop();
    await expect(close()).rejects.toThrow(problem('site-unreachable'));
    await expect(readFile(site.flag)).rejects.toThrow('ENOENT');
    await site.serve(site.snippet());
    await lay(hand);
    await site.stop();
    await expect(close(hand)).rejects.toThrow(problem('site-unreachable'));
    await site.serve(site.snippet());
    expect(await status()).toBe(503);
  }, 30_000);

  it('while nginx is down or broken is not opened by a run: flag and record say the same', async () => {
    await close();
    await site.stop();
    await expect(open()).rejects.toThrow(problem('site-unreachable'));
    await site.serve(`return 502;\n${site.snippet()}`);
    await expect(open()).rejects.toThrow(problem('not-opened'));
    await site.serve(site.snippet());
    expect(await status()).toBe(503);
    await open();
    await site.stop();
    expect((await open()).note).toContain('nothing listens there');
    await site.serve(site.snippet());
  }, 60_000);

  it('waits for an nginx that is started again a moment later', async () => {
    await site.kill();
    const closing = close();
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await site.again();
    await closing;
    expect(await status()).toBe(503);
    await open();
  }, 30_000);

  it.each([
    ['empty', '\n', 'it is empty'],
    ['no JSON', 'closed!', 'it is no JSON'],
    ['a closure of the future', '{"formatVersion":2}', 'its formatVersion is not 1'],
  ])('over a flag file that is %s is refused, and so is its opening without force', async (_, text, why) => {
    await lay(text);
    const malformed = expect.objectContaining({
      code: 'flag-malformed',
      message: expect.stringContaining(why),
    });
    await expect(close()).rejects.toThrow(malformed);
    await expect(open(hand)).rejects.toThrow(malformed);
    expect(await open()).toEqual({ closed: expect.stringContaining(why) });
    expect((await open({ ...hand, force: true })).note).toMatch(/did not write was removed/);
  });

  it('over the flag file of another target says whose it is', async () => {
    await lay({ ...hand, target: 'blog' });
    await expect(close(hand)).rejects.toThrow(problem('flag-of-other-target'));
    await expect(open(hand)).rejects.toThrow(problem('flag-of-other-target'));
    expect(await open()).toEqual({ closed: expect.stringContaining('another target, blog') });
  });

  it('for a target without settings says which are missing', async () => {
    const home = await site.project(database.url);
    const path = home.config().path;
    await writeFile(path, 'version: 1\ntargets: {shop: {database: {url: "file:lockkeeper.url"}}}\n');
    await expect(closeSite(home, { ...run, reason: '' }, quietly())).rejects.toThrow(problem('no-closure'));
  });
});

describe('settings that change while the site is closed', () => {
  it('do not lead elsewhere: it is opened where it was closed', async () => {
    await close();
    const elsewhere = { flag: join(site.folder, 'elsewhere', 'closed') };
    const [standing] = await closures(await site.project(database.url, elsewhere), Date.now());
    expect(standing).toMatchObject({ path: site.flag, says: expect.stringContaining('by run run-1') });
    expect(await status()).toBe(503);
    const start = join(site.folder, 'started anew');
    expect(await open({}, { ...elsewhere, start: [['touch', start]] })).toEqual({
      note: expect.stringContaining(`; closed by ${site.flag}: closure.flag leads elsewhere by now`),
    });
    await readFile(start);
    expect(await status()).toBe(200);
    expect(await open({}, elsewhere)).toEqual({ note: 'the site was open already' });
  });

  it('and are gone do not keep it closed', async () => {
    await close();
    const home = await site.project(database.url);
    await writeFile(
      home.config().path,
      'version: 1\ntargets: {shop: {database: {url: "file:lockkeeper.url"}}}\n',
    );
    expect((await closures(home, Date.now()))[0]).toMatchObject({ target: 'shop', path: site.flag });
    await openSite(home, run, quietly());
    expect(await status()).toBe(200);
    expect(await closures(home, Date.now())).toEqual([]);
  });
});

describe('commands for writers', () => {
  it('that fail at the closing leave the site closed, until it is opened', async () => {
    await expect(close({}, { stop: ['echo no such worker >&2; exit 3'] })).rejects.toMatchObject({
      code: 'command-failed',
      told: { why: 'no such worker' },
    });
    expect(await status()).toBe(503);
    await open();
    expect(await status()).toBe(200);
  });

  it('that fail at the opening leave the site closed', async () => {
    await lay(run);
    await expect(open({}, { start: ['exit 3'] })).rejects.toThrow(problem('command-failed'));
    expect(await status()).toBe(503);
  });
});
