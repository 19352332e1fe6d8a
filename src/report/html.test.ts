import { htmlPage } from './html.js';

const page = htmlPage('a <b> & "c"', '# Hello\n\ntext');

it('is one file that asks for nothing else, also where a browser is told to', () => {
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot;</title>');
  expect(page).toContain('<h1 id="hello">Hello</h1>');
});

it.each([
  ['<script>alert(1)</script>', '&lt;script&gt;'],
  ['text <img src=x onerror=alert(1)> more', '&lt;img src=x'],
  ['![a picture](https://example.com/a.png)', '![a picture](https://example.com/a.png)'],
  ['[here](javascript:alert)', 'here'],
  ['[there](https://example.com)', 'there'],
  ['<https://example.com>', 'https://example.com'],
  ['`<b>`', '<code>&lt;b&gt;</code>'],
  ['```\n</code><script>x</script>\n```', '&lt;/code&gt;&lt;script&gt;'],
  ['| a |\n| --- |\n| <b onclick="x()">1 |', '&lt;b onclick=&quot;x()&quot;&gt;'],
  ['# a <i>b</i>', '&lt;i&gt;'],
])('shows what people wrote and takes nothing of it for markup: %s', (markdown, shown) => {
  const body = htmlPage('t', markdown).split('<body>')[1] ?? '';
  expect(body).toContain(shown);
  expect(body).not.toMatch(/<(script|img|b|i)[ >]|<[a-z][^>]*(src|href|on[a-z]+)=(?!"#)/);
});

it('leads to its own headings', () => {
  const id = '01a21a00-a918-7da9-9eeb-31ee017b5268';
  const html = htmlPage('t', `[01a21a00](#run-${id})\n\n## Run ${id}`);
  expect(html).toContain(`<a href="#run-${id}">01a21a00</a>`);
  expect(html).toContain(`<h2 id="run-${id}">`);
});
