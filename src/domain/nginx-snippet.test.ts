import { readFileSync } from 'node:fs';
import { maintenancePage } from './maintenance-page.js';
import { upstreamsOf } from './nginx-peers.js';
import { linesThatClose, nginxSnippet } from './nginx-snippet.js';

const settings = { target: 'shop', flag: '/srv/flags/shop', open: ['/health'] };

it('is the very same text in the shop', () => {
  const shop = readFileSync('examples/shop/nginx/closure.conf.template', 'utf8');
  expect(shop).toBe(
    nginxSnippet({ target: '@TARGET@', flag: '@FLAG@', open: ['/health', '/instance'], bypass: '@BYPASS@' }),
  );
  for (const line of linesThatClose('@FLAG@')) expect(shop).toContain(line);
});

it('is the very same text in the example of compose, which nginx includes', () => {
  const compose = (path: string) => readFileSync(`examples/compose/${path}`, 'utf8');
  expect(compose('nginx/lockkeeper.conf')).toBe(
    nginxSnippet({ target: 'shop', flag: '/site/closed', page: '/site/closed.html', open: ['/health'] }),
  );
  expect(compose('nginx/nginx.conf')).toContain('include /etc/nginx/lockkeeper.conf;');
});

it('refuses an address that nginx would read as more than one', () => {
  const peers = {
    target: 'shop',
    file: '/srv/b',
    addresses: ['127.0.0.1:1', '127.0.0.1:2; }'] as [string, string],
  };
  expect(() => upstreamsOf(peers)).toThrow(expect.objectContaining({ code: 'unfit-for-nginx' }));
});

it.each(['/srv/$host/flag', '/srv/a"b', '/srv/a\\b', '/srv/a\nb', `/${'a'.repeat(1_001)}`])(
  'refuses the path %j, which nginx would read otherwise',
  (flag) => {
    expect(() => nginxSnippet({ ...settings, flag })).toThrow(
      expect.objectContaining({ code: 'unfit-for-nginx' }),
    );
  },
);

it('takes a path with spaces, quotes and signs that mean something elsewhere in nginx', () => {
  expect(nginxSnippet({ ...settings, flag: "/srv/it's {a} #flag; of ours" })).toContain(
    `set $lockkeeper_flag "/srv/it's {a} #flag; of ours";`,
  );
});

it.each(['site', 'writes'] as const)(
  'has a page for a closed %s in English and Korean that nginx can hold, with nothing from elsewhere',
  (scope) => {
    for (const first of ['en', 'ko'] as const)
      for (const until of [undefined, '2026-01-02T03:04:05.678Z']) {
        const page = maintenancePage({ first, scope, ...(until ? { until } : {}) });
        expect(Buffer.byteLength(page)).toBeLessThan(4_000);
        expect(page).not.toMatch(/["$\\]|https?:|src=|@import|url\(/);
        expect(page).toContain(`<html lang='${first}'>`);
        expect(page).toContain(`<div lang='${first === 'en' ? 'ko' : 'en'}'>`);
        expect(page.match(/2026-01-02 03:04 UTC/g) ?? []).toHaveLength(until ? 2 : 0);
      }
  },
);
