import { CLOSURE_HEADER, PROBE_PATH, probeFlag, SNIPPET_HEADER, STATE_PATH, writesFlag } from './closure.js';
import { maintenancePage } from './maintenance-page.js';
import { PEER_PATH, quoted, serverOfPeers, type Peers } from './nginx-peers.js';

export interface SnippetSettings {
  target: string;
  /** Absolute path of the flag file, as nginx sees it. */
  flag: string;
  /** Paths that stay open, such as `/health`. */
  open: readonly string[];
  /**
   * Absolute path of the page that is written at each closing, as nginx sees it; beside it, named `.ko`, the one
   * with Korean first. Without it the one in the snippet is shown.
   */
  page?: string;
  /** Whoever sends it as header `X-Lockkeeper-Bypass` or as cookie `lockkeeper_bypass` passes. A secret. */
  bypass?: string;
  /** The two addresses between which a swap of releases moves; none: nginx knows the application otherwise. */
  peers?: Peers;
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
 * `/lockkeeper-probe` goes the same way with flags of its own, so that the switch can be tried on an open site;
 * `/lockkeeper-state` answers as the site does, to any method, without the application.
 *
 * @throws Problem `unfit-for-nginx` for a path or secret that nginx could not read
 */
export function nginxSnippet({ target, flag, open, page, bypass, peers }: SnippetSettings): string {
  return [
    `# Closed while the flag file is there, which nginx must not remember.`,
    `open_file_cache off;`,
    ...linesThatClose(flag, [
      ...open.map((path) => `$uri = ${quoted(path)}`),
      ...(page === undefined ? [] : [`$uri = ${PAGE}`]),
      ...(peers === undefined ? [] : [`$uri = ${PEER_PATH}`]),
      ...(bypass === undefined ? [] : BYPASSES.map((name) => `${name} = ${quoted(bypass)}`)),
    ]),
    ...(peers === undefined ? [] : ['', ...serverOfPeers(peers)]),
    ``,
    ...[PROBE_PATH, STATE_PATH].map((path) => `location = ${path} { ${OURS} return 200 "open\\n"; }`),
    `location = ${CLOSED} {`,
    ...indented([`internal;`, HTML, ...headers(target), ...answerOf(page)]),
    `}`,
    ...(page === undefined ? [] : pageLocation(target)),
    ``,
  ].join('\n');
}

/** Flags are looked for, what passes is let through, and the rest is answered by us. */
export const linesThatClose = (flag: string, passes: readonly string[] = []): string[] => [
  `set $lockkeeper_flag ${quoted(flag)};`,
  `if ($uri = ${PROBE_PATH}) { set $lockkeeper_flag ${quoted(probeFlag(flag))}; }`,
  `set $lockkeeper_closed "";`,
  `if (-f "${writesFlag('${lockkeeper_flag}')}") { set $lockkeeper_closed "writes $request_method"; }`,
  `if ($lockkeeper_closed ~ "^writes (GET|HEAD|OPTIONS)$") { set $lockkeeper_closed ""; }`,
  `if (-f $lockkeeper_flag) { set $lockkeeper_closed site; }`,
  ...passes.map((condition) => `if (${condition}) { set $lockkeeper_closed ""; }`),
  `if ($lockkeeper_closed) { rewrite ^ ${CLOSED} last; }`,
];

/** Format of these lines. The first one had neither probe nor state. */
const FORMAT = 2;
const OURS = `default_type text/plain; add_header ${SNIPPET_HEADER} ${FORMAT}; add_header Cache-Control no-store;`;

const CLOSED = '/lockkeeper-closed';
const PAGE = '/lockkeeper-closed.html';
const HTML = 'default_type "text/html; charset=utf-8";';
const BYPASSES = ['$http_x_lockkeeper_bypass', '$cookie_lockkeeper_bypass'];

/** Korean is meant where it comes before English: browsers send what people prefer first. */
const KOREAN = '^(?:(?!\\ben\\b).)*\\bko\\b';

const answerOf = (page?: string): string[] => {
  const inline = `return 503 "${maintenancePage()}";`;
  if (page === undefined) return [inline];
  return [
    `set $lockkeeper_page ${quoted(page)};`,
    `if ($http_accept_language ~* "${KOREAN}") { set $lockkeeper_page ${quoted(`${page}.ko`)}; }`,
    `if (!-f $lockkeeper_page) {`,
    ...indented([inline]),
    `}`,
    `error_page 503 ${PAGE};`,
    `return 503;`,
  ];
};

const headers = (target: string): string[] => [
  `add_header ${CLOSURE_HEADER} ${quoted(target)} always;`,
  `add_header Retry-After ${RETRY_AFTER} always;`,
  `add_header Cache-Control no-store always;`,
  `add_header Vary Accept-Language always;`,
];

const pageLocation = (target: string): string[] => [
  `location = ${PAGE} {`,
  ...indented([`internal;`, `alias $lockkeeper_page;`, `types { }`, HTML, ...headers(target)]),
  `}`,
];

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
