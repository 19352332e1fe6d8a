import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { probeFlag, writesFlag } from '../../../src/domain/closure.js';
import { maintenancePage } from '../../../src/domain/maintenance-page.js';
import { Site } from './site.js';

/** What teams have in their servers, and what must not change what the flag does. */
const USUAL = `
  error_page 500 502 503 504 /50x.html;
  location = /50x.html { return 200 "the site's own page"; }
  location /static/ { return 200 "a file"; }
  location = /limited { limit_req zone=slow; proxy_pass http://app; }`;

let site: Site;
const BYPASS = 'lockkeeper_bypass=operators-only';
const closeBy = async (text = 'closed', flag = site.flag) => {
  await mkdir(dirname(site.flag), { recursive: true });
  await writeFile(flag, text);
};

beforeAll(async () => {
  site = await Site.open({ bypass: 'operators-only' }, USUAL);
});
afterEach(() => rm(site.flag, { force: true }));
afterAll(() => site.close());

describe('nginx with the snippet', () => {
  it('serves while there is no flag', async () => {
    expect(await site.ask()).toMatchObject({ status: 200, body: 'served' });
    expect((await site.ask({ path: '/lockkeeper-closed' })).status).toBe(404);
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'answers 503 to %s as soon as the flag is there, and serves as soon as it is gone',
    async (method) => {
      await closeBy();
      const closed = await site.ask({
        method,
        path: '/orders',
        body: method === 'GET' ? '' : 'x'.repeat(300_000),
      });
      expect(closed.status).toBe(503);
      expect(closed.headers).toMatchObject({
        'x-lockkeeper-closure': 'shop',
        'retry-after': '60',
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      });
      expect(closed.body).toBe(maintenancePage());
      expect((await site.ask({ method, path: '/lockkeeper-state' })).status).toBe(503);
      expect((await site.ask({ method, path: '/lockkeeper-probe' })).status).toBe(200);
      await rm(site.flag);
      expect((await site.ask({ method })).status).toBe(200);
    },
  );

  it('closes every location of the server', async () => {
    await closeBy();
    for (const path of ['/static/a.css', '/50x.html', '/lockkeeper-closed', '/a/../health2', '/health/x'])
      expect([path, (await site.ask({ path })).status]).toEqual([path, 503]);
  });

  it('lets the health check and an operator pass', async () => {
    await closeBy();
    const pass = async (headers: Record<string, string>) => (await site.ask({ headers })).status;
    expect((await site.ask({ path: '/health?deep=1' })).status).toBe(200);
    expect(await pass({ 'x-lockkeeper-bypass': 'operators-only' })).toBe(200);
    expect(await pass({ cookie: 'a=b; lockkeeper_bypass=operators-only' })).toBe(200);
    expect(await pass({ 'x-lockkeeper-bypass': 'guessed' })).toBe(503);
    expect(await pass({ 'x-lockkeeper-bypass': '' })).toBe(503);
  });

  it("never shows our page for a 503 of the application or of nginx's own limits", async () => {
    expect(await site.ask({ path: '/busy' })).toMatchObject({ status: 503, body: 'served' });
    await site.ask({ path: '/limited' });
    const limited = await site.ask({ path: '/limited' });
    expect(limited.body).toBe("the site's own page");
    expect(limited.headers['x-lockkeeper-closure']).toBeUndefined();
  });
});

describe('nginx that closes writes only', () => {
  afterEach(() => rm(writesFlag(site.flag), { force: true }));

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('answers 503 to %s', async (method) => {
    await closeBy('closed', writesFlag(site.flag));
    expect((await site.ask({ method, body: 'x'.repeat(300_000) })).status).toBe(503);
    expect((await site.ask({ method, path: '/lockkeeper-state' })).status).toBe(503);
    expect((await site.ask({ method, headers: { cookie: BYPASS } })).status).toBe(200);
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('serves %s', async (method) => {
    await closeBy('closed', writesFlag(site.flag));
    expect((await site.ask({ method })).status).toBe(200);
    await closeBy();
    expect((await site.ask({ method })).status).toBe(503);
  });
});

describe('the probe of nginx', () => {
  const probe = async (method = 'GET') => (await site.ask({ method, path: '/lockkeeper-probe' })).status;

  it('is closed by flags of its own, while the site is open', async () => {
    await closeBy('probe', probeFlag(site.flag));
    expect([await probe(), await probe('POST'), (await site.ask()).status]).toEqual([503, 503, 200]);
    await rm(probeFlag(site.flag));
    await closeBy('probe', writesFlag(probeFlag(site.flag)));
    expect([await probe(), await probe('POST'), (await site.ask({ method: 'POST' })).status]).toEqual([
      200, 503, 200,
    ]);
    await rm(writesFlag(probeFlag(site.flag)));
  });
});

describe('nginx with a page that is written at each closing', () => {
  beforeAll(() => site.serve(site.snippet({ page: site.page }), USUAL));

  it('shows it to every method, and the one of the snippet when it is missing', async () => {
    await closeBy();
    const page = maintenancePage({ until: '2026-01-02T03:04:05.000Z' });
    await writeFile(site.page, page);
    for (const method of ['GET', 'POST'])
      expect(await site.ask({ method, body: 'x' })).toMatchObject({
        status: 503,
        body: page,
        headers: {
          'x-lockkeeper-closure': 'shop',
          'retry-after': '60',
          'content-type': 'text/html; charset=utf-8',
        },
      });
    const korean = maintenancePage({ first: 'ko' });
    await writeFile(`${site.page}.ko`, korean);
    const shown = async (languages: string) =>
      (await site.ask({ headers: { 'accept-language': languages } })).body === korean ? 'ko' : 'en';
    expect(await Promise.all(['ko-KR,ko;q=0.9,en;q=0.8', 'de,ko;q=0.5', 'KO'].map(shown))).toEqual([
      'ko',
      'ko',
      'ko',
    ]);
    expect(await Promise.all(['en-US,en;q=0.9,ko;q=0.8', 'de', 'kok-IN', ''].map(shown))).toEqual([
      'en',
      'en',
      'en',
      'en',
    ]);
    await rm(`${site.page}.ko`);
    await rm(site.page);
    expect(await site.ask({ method: 'POST' })).toMatchObject({ status: 503, body: maintenancePage() });
    expect((await site.ask({ path: '/health' })).status).toBe(200);
    await rm(site.flag);
    expect((await site.ask({ path: '/lockkeeper-closed.html' })).status).toBe(404);
  });
});
