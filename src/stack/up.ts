import { withLock } from '../adapters/lock.js';
import { nginx } from './nginx.js';
import { placeOf, venvFolder } from './place.js';
import { postgres } from './postgres.js';
import type { Context, Ports, Server } from './server.js';
import { ensure } from './start.js';
import {
  makeFolder,
  readState,
  writeState,
  type SearchAttributeType,
  type ServerName,
  type ServerState,
  type StackState,
} from './state.js';
import { temporal } from './temporal.js';
import { tools } from './tools.js';

export interface UpOptions {
  /** The folder of lockkeeper.yaml; default: the current one. */
  home?: string;
  /** The Python environment with the programs; default: `venvFolder(home)`. */
  venv?: string;
  /** Default: all three. */
  servers?: readonly ServerName[];
  /** Ports that must be these. Without a number: the one of last time, the usual one, or any that is free. */
  ports?: Ports;
  searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  onProgress?: (text: string) => void;
}

/**
 * Sees to it that the servers run: starts those that do not, with the data and the ports that they had.
 * They live on when this process ends. Harmless when all run.
 *
 * @throws Problem `stack-not-installed`, `port-taken`, `runs-on-other-port`, `server-did-not-start`,
 *   `server-not-set-up`, `no-data-folder`, `no-unprivileged-user`, `folder-not-ours`, `stack-busy`
 */
export async function up(options: UpOptions = {}): Promise<StackState> {
  const {
    home = process.cwd(),
    servers = ['postgres', 'temporal', 'nginx'],
    onProgress = () => {},
  } = options;
  const place = placeOf(home);
  const programs = tools(options.venv ?? venvFolder(place.home));
  await makeFolder(place);
  const onWait = (pid: number) => onProgress(`waiting for process ${pid}, which starts or stops the servers`);
  return withLock(
    place.lock,
    async () => {
      const state = { ...(await readState(place)), notes: [] as string[] };
      const searchAttributes = { ...state.temporal?.searchAttributes, ...options.searchAttributes };
      const context = { place, tools: programs, searchAttributes, onProgress };
      const starts = [
        [postgres.name, () => one(postgres, context, state, options.ports)],
        [temporal.name, () => one(temporal, context, state, options.ports)],
        [nginx.name, () => one(nginx, context, state, options.ports)],
      ] as const;
      const wanted = starts.filter(([name]) => servers.includes(name));
      await allThenThrow(wanted.map(([, start]) => start()));
      writeState(place, state);
      return state;
    },
    { onWait },
  );
}

const one = <S extends ServerState>(
  server: Server<S>,
  context: Context,
  state: StackState,
  asked: Ports = {},
) =>
  ensure<S>({
    server,
    context,
    earlier: state[server.name] as S | undefined,
    asked,
    save: (known) => writeState(context.place, Object.assign(state, { [server.name]: known })),
    note: (text) => state.notes.push(text),
  });

/** Lets each come to its end before the first failure is told: nothing goes on behind the caller's back. */
async function allThenThrow(works: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((ended) => ended.status === 'rejected');
  if (failed) throw failed.reason;
}
