import { Marked, type Tokens } from 'marked';

/**
 * A page of Markdown as one HTML file that asks for nothing else: no script, picture or address of anywhere. Markup that
 * stands in it is shown as it is written, and links lead within the page only.
 */
export function htmlPage(title: string, markdown: string): string {
  const body = new Marked({ gfm: true, renderer }).parse(markdown, { async: false });
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${css}</style>`,
    '</head>',
    `<body>\n${body.trim()}\n</body>`,
    '</html>',
    '',
  ].join('\n');
}

const signs = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => signs[sign as keyof typeof signs]);

const renderer = {
  html: ({ text }: Tokens.HTML | Tokens.Tag): string => escaped(text),
  image: ({ raw }: Tokens.Image): string => escaped(raw),
  link({ href, text }: Tokens.Link): string {
    return href.startsWith('#') ? `<a href="${escaped(href)}">${escaped(text)}</a>` : escaped(text);
  },
  heading({ depth, text }: Tokens.Heading): string {
    const plain = text.replaceAll('\\', '');
    return `<h${depth} id="${slug(plain)}">${escaped(plain)}</h${depth}>\n`;
  },
};

/** As GitHub names a heading. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** For a screen by day and by night, and for paper. */
const css = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --link: light-dark(#0b57d0, #8ab4f8); }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
th { background: var(--soft); white-space: nowrap; }
code, pre { font: .88rem/1.45 ui-monospace, monospace; background: var(--soft); border-radius: 4px; }
code { padding: .05rem .25rem; } pre { padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere; } pre code { padding: 0; background: none; }
a { color: var(--link); }
@media print { body { margin: 0; max-width: none; font-size: 11px; } h2, tr, pre { break-inside: avoid; } }
`;
