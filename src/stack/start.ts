import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsOnOtherPort, serverDidNotStart } from '../domain/problems/stack.js';
import { withLock } from '../adapters/lock.js';
import { choosePort, isFree } from '../adapters/ports.js';
import { isAlive } from './process.js';
import { lastLines, startDaemon } from '../adapters/run.js';
import type { Context, Ports, Server } from './server.js';
import type { PortName, ServerState } from './state.js';
import { sweep } from './stop.js';

export interface Start<S extends ServerState> {
  server: Server<S>;
  context: Context;
  /** What was known of it. */
  earlier: S | undefined;
  /** Ports that the user wants by number. */
  asked: Ports;
  /** Keeps what is known, as soon as it is. */
  save: (state: S) => void;
  /** Told what went otherwise than expected. */
  note: (text: string) => void;
}

const ATTEMPTS = 5;
const PAUSE_MS = 500;

/** Sees to it that a server runs, answers and is set up. @throws Problem `server-did-not-start`, `port-taken`, ... */
export async function ensure<S extends ServerState>(start: Start<S>): Promise<void> {
  const { server, context, save } = start;
  const state = await running(start);
  save(server.setUp ? await server.setUp(context, state) : state);
}

async function running<S extends ServerState>(start: Start<S>): Promise<S> {
  const { server, earlier, asked } = start;
  if (!earlier || !(await isAlive(earlier.process))) return launch(start);
  for (const name of Object.keys(server.ports) as PortName[]) {
    const [wanted, has] = [asked[name], earlier.ports[name]];
    if (wanted !== undefined && has !== undefined && wanted !== has)
      throw runsOnOtherPort(server.called, has, wanted);
  }
  const outcome = await outcomeOf(start, earlier);
  if (outcome === 'answers') return earlier;
  if (outcome === 'ended') return launch(start);
  throw serverDidNotStart(server.called, `runs, but ${outcome}`, await logSince(earlier.log, 0), earlier.log);
}

async function launch<S extends ServerState>(start: Start<S>): Promise<S> {
  const { server, context, earlier, note } = start;
  const folder = await server.folder(context.place);
  // Nobody may write to this folder beside the server that is started now.
  await sweep(server, folder);
  for (let attempt = 1; ; attempt += 1) {
    const { started, outcome, logFrom } = await alone(start, () => launchOnce(start, folder));
    if (outcome === 'answers') {
      for (const text of moved(server, earlier?.ports ?? {}, started.ports)) note(text);
      return started;
    }
    const said = await logSince(started.log, logFrom);
    const isPassing =
      outcome === 'ended' && ((await lostPort(start, started.ports)) || server.passing?.test(said));
    if (!isPassing || attempt === ATTEMPTS)
      throw serverDidNotStart(
        server.called,
        outcome === 'ended' ? 'ended at once' : outcome,
        said,
        started.log,
      );
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/**
 * One first start of its kind at a time: two that look at once both find the usual port free, and the one that
 * comes second would take the other's server for its own until it fails.
 */
const alone = <S extends ServerState, T>(
  { server, earlier }: Start<S>,
  work: () => Promise<T>,
): Promise<T> =>
  earlier
    ? work()
    : withLock(join(tmpdir(), `lockkeeper-${process.getuid?.() ?? 'us'}-${server.name}-port.lock`), work);

async function launchOnce<S extends ServerState>(start: Start<S>, folder: string) {
  const { server, context, save } = start;
  const ports = await choosePorts(start);
  const { daemon, state } = await server.prepare(context, folder, ports);
  context.onProgress(`${server.called}: starting on port ${Object.values(ports).join(', ')}`);
  const log = join(context.place.logs, `${server.name}.log`);
  const { process, logFrom } = await startDaemon({ ...daemon, folder, log });
  const started = { ...state, ports, log, folder, process } as S;
  save(started);
  return { started, outcome: await outcomeOf(start, started), logFrom };
}

async function choosePorts<S extends ServerState>(start: Start<S>): Promise<Ports> {
  const { server, earlier, asked } = start;
  const ports: Partial<Record<PortName, number>> = {};
  for (const [name, usual] of Object.entries(server.ports) as [PortName, number][])
    ports[name] = await choosePort({
      server: server.called,
      asked: asked[name],
      remembered: earlier?.ports[name],
      usual,
    });
  return ports;
}

/** Somebody was faster: between our look at the port and the server's. */
async function lostPort<S extends ServerState>({ asked }: Start<S>, ports: Ports): Promise<boolean> {
  for (const [name, port] of Object.entries(ports) as [PortName, number][])
    if (asked[name] === undefined && !(await isFree(port))) return true;
  return false;
}

const moved = <S extends ServerState>(server: Server<S>, earlier: Ports, now: Ports): string[] =>
  (Object.entries(now) as [PortName, number][])
    .filter(([name, port]) => earlier[name] !== undefined && earlier[name] !== port)
    .map(
      ([name, port]) =>
        `port ${earlier[name]} is in use by another program now: ${server.called} is on port ${port}`,
    );

const LOOK_EVERY_MS = 50;

/** Waits until a server answers. @returns 'answers', 'ended', or in words that it does not answer */
async function outcomeOf<S extends ServerState>({ server, context }: Start<S>, state: S): Promise<string> {
  const until = performance.now() + server.startMs;
  while (performance.now() < until) {
    // In this order: another program may answer on the port of one that ended.
    const answered = await server.answers(context, state);
    if (!(await isAlive(state.process))) return 'ended';
    if (answered) return 'answers';
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return `does not answer after ${server.startMs / 1000} seconds`;
}

const WORDS_BYTES = 8_192;

/** The last lines that a log got since then. */
async function logSince(log: string, from: number): Promise<string> {
  const file = await open(log, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - WORDS_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(WORDS_BYTES), 0, WORDS_BYTES, start);
    return lastLines(buffer.toString('utf8', 0, bytesRead), 8);
  } finally {
    await file.close();
  }
}
