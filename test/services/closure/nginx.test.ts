import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { maintenancePage } from '../../../src/domain/maintenance-page.js';
import { Site } from './site.js';

/** What teams have in their servers, and what must not change what the flag does. */
const USUAL = `
  error_page 500 502 503 504 /50x.html;
  location = /50x.html { return 200 "the site's own page"; }
  location /static/ { return 200 "a file"; }
  location = /limited { limit_req zone=slow; proxy_pass http://app; }`;

let site: Site;
const closeBy = async (text = 'closed') => {
  await mkdir(dirname(site.flag), { recursive: true });
  await writeFile(site.flag, text);
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

describe('nginx with a page that is written at each closing', () => {
  beforeAll(() => site.serve(site.snippet({ page: site.page }), USUAL));

  it('shows it to every method, and the one of the snippet when it is missing', async () => {
    await closeBy();
    const page = maintenancePage('2026-01-02T03:04:05.000Z');
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
    expect(page).toContain('2026-01-02 03:04 UTC');
    await rm(site.page);
    expect(await site.ask({ method: 'POST' })).toMatchObject({ status: 503, body: maintenancePage() });
    expect((await site.ask({ path: '/health' })).status).toBe(200);
    await rm(site.flag);
    expect((await site.ask({ path: '/lockkeeper-closed.html' })).status).toBe(404);
  });
});
