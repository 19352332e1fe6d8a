import { CLOSURE_HEADER } from './closure.js';
import { maintenancePage } from './maintenance-page.js';
import { unfitForNginx } from './problems/closure.js';

export interface SnippetSettings {
  target: string;
  /** Absolute path of the flag file. */
  flag: string;
  /** Paths that stay open, such as `/health`. */
  open: readonly string[];
  /** Absolute path of the page that is written at each closing; without it the one in the snippet is shown. */
  page?: string;
  /** Whoever sends it as header `X-Lockkeeper-Bypass` or as cookie `lockkeeper_bypass` passes. A secret. */
  bypass?: string;
}

/** When browsers and crawlers may come again, in seconds. */
const RETRY_AFTER = 60;

/**
 * What nginx needs for the site to be closed by a flag file: goes into the site's `server {}`, once. nginx looks
 * for the file at each request, so that closing and opening need no reload, which would cut connections.
 *
 * The whole server is closed, whatever locations it has. It uses neither `error_page` (the site's own one for
 * 503 would win, and a 503 of `limit_req` would show our page) nor a file as the only page (nginx answers 405
 * when a form is sent to a file).
 *
 * @throws Problem `unfit-for-nginx` for a path or secret that nginx could not read
 */
export function nginxSnippet({ target, flag, open, page, bypass }: SnippetSettings): string {
  const passes = [
    ...open.map((path) => `$uri = ${quoted(path)}`),
    ...(page === undefined ? [] : [`$uri = ${PAGE}`]),
    ...(bypass === undefined
      ? []
      : ['$http_x_lockkeeper_bypass', '$cookie_lockkeeper_bypass'].map(
          (name) => `${name} = ${quoted(bypass)}`,
        )),
  ];
  return [
    `# Closed while the flag file is there. No open_file_cache in this server: it would notice late.`,
    `set $lockkeeper_closed 0;`,
    ...linesThatClose(flag).slice(0, 1),
    ...passes.map((condition) => `if (${condition}) { set $lockkeeper_closed 0; }`),
    ...linesThatClose(flag).slice(1),
    ``,
    `location = /lockkeeper-closed {`,
    ...indented([
      `internal;`,
      HTML,
      ...headers(target),
      ...(page === undefined
        ? [inlinePage]
        : [`if (!-f ${quoted(page)}) {`, ...indented([inlinePage]), `}`, ...fromFile]),
    ]),
    `}`,
    ...(page === undefined ? [] : pageLocation(page, target)),
    ``,
  ].join('\n');
}

/** The two lines without which the flag has no effect, for messages. */
export const linesThatClose = (flag: string): [string, string] => [
  `if (-f ${quoted(flag)}) { set $lockkeeper_closed 1; }`,
  `if ($lockkeeper_closed) { rewrite ^ /lockkeeper-closed last; }`,
];

const PAGE = '/lockkeeper-closed.html';
const HTML = 'default_type "text/html; charset=utf-8";';
const inlinePage = `return 503 "${maintenancePage()}";`;
const fromFile = [`error_page 503 ${PAGE};`, `return 503;`];

const headers = (target: string): string[] => [
  `add_header ${CLOSURE_HEADER} ${quoted(target)} always;`,
  `add_header Retry-After ${RETRY_AFTER} always;`,
  `add_header Cache-Control no-store always;`,
];

const pageLocation = (page: string, target: string): string[] => [
  `location = ${PAGE} {`,
  ...indented([`internal;`, `alias ${quoted(page)};`, `types { }`, HTML, ...headers(target)]),
  `}`,
];

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** nginx has no way to write `$` in a text, and cuts a word at 4,096 bytes. */
function quoted(text: string): string {
  if (/["$\\\p{Cc}]/u.test(text) || text.length > 1_000) throw unfitForNginx(text);
  return `"${text}"`;
}
