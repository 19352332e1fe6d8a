import { readFileSync } from 'node:fs';
import { maintenancePage } from './maintenance-page.js';
import { linesThatClose, nginxSnippet } from './nginx-snippet.js';

const settings = { target: 'shop', flag: '/srv/flags/shop', open: ['/health'] };

it('has the two lines that close, and the shop has the very same text', () => {
  const [reads, closes] = linesThatClose('@FLAG@');
  const shop = readFileSync('examples/shop/nginx/closure.conf.template', 'utf8');
  expect(shop).toContain(reads);
  expect(shop).toContain(closes);
  expect(shop).toBe(
    nginxSnippet({ target: '@TARGET@', flag: '@FLAG@', open: ['/health', '/instance'], bypass: '@BYPASS@' }),
  );
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
    `if (-f "/srv/it's {a} #flag; of ours")`,
  );
});

it('has a page in English and Korean that nginx can hold, with nothing from elsewhere', () => {
  for (const page of [maintenancePage(), maintenancePage('2026-01-02T03:04:05.678Z')]) {
    expect(Buffer.byteLength(page)).toBeLessThan(4_000);
    expect(page).not.toMatch(/["$\\]|https?:|src=|@import|url\(/);
    expect(page).toContain("lang='en'");
    expect(page).toContain("lang='ko'");
  }
});
