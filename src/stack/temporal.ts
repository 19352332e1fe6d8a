import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { serverNotSetUp } from '../domain/problems/stack.js';
import { HOST } from '../adapters/ports.js';
import { run } from '../adapters/run.js';
import { chosen, type Context, type Server } from './server.js';
import type { TemporalState } from './state.js';

const NAMESPACE = 'default';
/** The dev server forgets a finished run after a day; people look at them for longer. */
const RETENTION = '30d';

export const temporal: Server<TemporalState> = {
  name: 'temporal',
  called: 'the Temporal server',
  looks: /temporal server start-dev /,
  ports: { temporal: 7233, temporalUi: 8233 },
  stop: [{ signal: 'SIGTERM', waitMs: 10_000 }],
  startMs: 60_000,
  folder: (place) => Promise.resolve(place.temporal),

  async prepare({ tools, searchAttributes }, folder, ports) {
    await mkdir(folder, { recursive: true });
    const port = chosen(ports, 'temporal');
    const uiPort = chosen(ports, 'temporalUi');
    const { stdout } = await run(tools.temporal, ['--version']);
    return {
      daemon: {
        file: tools.temporal,
        args: [
          ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--ui-port', String(uiPort)],
          ...['--db-filename', join(folder, 'temporal.db'), '--ui-disable-news-fetch', '--log-level', 'warn'],
          ...Object.entries(searchAttributes).flatMap(([name, type]) => [
            '--search-attribute',
            `${name}=${type}`,
          ]),
        ],
      },
      state: {
        address: `${HOST}:${port}`,
        namespace: NAMESPACE,
        uiUrl: `http://${HOST}:${uiPort}`,
        searchAttributes,
        version: /[\d.]+/.exec(stdout)?.[0] ?? '',
      },
    };
  },

  answers: async (context, state) => (await operator(context, state, ['cluster', 'health'])).ok,

  async setUp(context, state) {
    if (state.retention !== RETENTION)
      await must(context, state, 'keeping finished runs for 30 days', [
        ...['namespace', 'update', '--namespace', NAMESPACE, '--retention', RETENTION],
      ]);
    const wanted = context.searchAttributes;
    const known = await knownAttributes(context, state);
    for (const [name, type] of Object.entries(wanted).filter(([name]) => !known.includes(name)))
      await must(context, state, `adding the search attribute ${name}`, [
        ...['search-attribute', 'create', '--name', name, '--type', type],
      ]);
    return { ...state, retention: RETENTION, searchAttributes: wanted };
  },
};

/**
 * The server is asked, not our state: `--search-attribute` is heeded by a new data file only, and a file of an
 * earlier version of ours lacks what is new.
 */
async function knownAttributes(context: Context, state: TemporalState): Promise<string[]> {
  const { ok, stdout, lastWords } = await operator(context, state, [
    'search-attribute',
    'list',
    '-o',
    'json',
  ]);
  if (!ok) throw serverNotSetUp(temporal.called, 'asking for its search attributes', lastWords);
  const { customAttributes } = JSON.parse(stdout) as { customAttributes?: Record<string, string> };
  return Object.keys(customAttributes ?? {});
}

/** Without the user's own configuration, which may name a server in the cloud. */
const operator = ({ tools }: Context, { address }: TemporalState, args: readonly string[]) =>
  run(tools.temporal, [
    'operator',
    ...args,
    '--address',
    address,
    '--disable-config-file',
    '--disable-config-env',
  ]);

async function must(
  context: Context,
  state: TemporalState,
  doing: string,
  args: readonly string[],
): Promise<void> {
  const { ok, lastWords } = await operator(context, state, args);
  if (!ok) throw serverNotSetUp(temporal.called, doing, lastWords);
}
