import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { bridgeDied } from '../../domain/problems/alembic-run.js';
import { noProjectFolder } from '../../domain/problems/alembic.js';
import { endWith, startTool } from '../shell.js';
import type { BridgeAsk, BridgeEvent, BridgeResult, Leave } from './events.js';
import { masked, readMessage, sort } from './messages.js';
import { bridgeCommand, optionsText, type AlembicProject, type Verb } from './project.js';
import { whyNotStarted } from './start.js';

export interface TalkOptions {
  onEvent?: ((event: BridgeEvent) => void) | undefined;
  /** Until it answers, the bridge waits, and nothing of what it asks for is sent. */
  answer?: ((ask: BridgeAsk) => Leave | Promise<Leave>) | undefined;
  onStart?: ((pid: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Lines of standard error that are kept to tell why the bridge died. */
const LAST_LINES = 20;
/** Python ends at once when told to; a wrapper such as `uv run` may take a moment. */
const GRACE_MS = 2_000;

type Tool = Awaited<ReturnType<typeof startTool>>['tool'];

/**
 * Runs the bridge once and talks with it until its last word.
 *
 * @param options - a promise of them: the bridge is started now, and says `hello` when it has imported all that it
 *   needs; it touches neither project nor database before it is told them
 * @throws Problem when it could not start, or ended without a last word; the signal's reason when aborted;
 *   what `onEvent` or `answer` threw, and why there are no options, after the bridge was ended
 */
export async function talk(
  project: AlembicProject,
  verb: Verb,
  options: object | Promise<object>,
  { onEvent, answer = () => ({ do: 'go' }), onStart, signal }: TalkOptions,
): Promise<BridgeResult> {
  signal?.throwIfAborted();
  const { container } = project;
  if (!container && !existsSync(project.cwd)) throw noProjectFolder(project.cwd);
  const nonce = randomBytes(12).toString('hex');
  const later = options instanceof Promise;
  const text = later ? '-' : optionsText(project, options);
  const { tool } = await startTool(await bridgeCommand(project, nonce, verb, text));
  if (tool.pid) onStart?.(tool.pid);

  const broken = new AbortController();
  const letGo = endWith(tool, AbortSignal.any([broken.signal, ...(signal ? [signal] : [])]), GRACE_MS);
  let said: BridgeResult | undefined;
  let started = false;
  const write = (line: string) => void tool.stdin?.write(`${line}\n`);
  const reply = (ask: BridgeAsk) =>
    void Promise.resolve(ask)
      .then(answer)
      .then((leave) => write(JSON.stringify({ id: ask.id, ...leave })))
      .catch((error: unknown) => broken.abort(error));
  const onLine = (line: string) => {
    const message = readMessage(line, nonce);
    started ||= message !== null;
    if (message) sort(message, { ask: reply, result: (result) => void (said = result), event: onEvent });
  };
  const listening = listen(tool, onLine).catch((error: unknown) => (broken.abort(error), ''));
  const tell = (late: object) => write(optionsText(project, late));
  if (later) options.then(tell, (error: unknown) => broken.abort(error));
  const [ended, words] = await Promise.all([tool, listening]).finally(letGo);
  // Its client was ended, which the container may not have noticed.
  if (container && ended.signal) await container.end(nonce);

  if (said) return said;
  signal?.throwIfAborted();
  broken.signal.throwIfAborted();
  if (!started) throw await whyNotStarted(project, words || (ended.originalMessage ?? ''));
  throw bridgeDied(verb, endText(ended, words));
}

/** Why it died. Who ends a container's Python by a signal is told of as docker does: 137 is SIGKILL. */
function endText({ signal, exitCode }: Awaited<Tool>, words: string): string {
  if (signal) return `it was ended by ${signal}`;
  if (exitCode === 137) return 'it ended with exit code 137, as after SIGKILL';
  return words || (exitCode === undefined ? '' : `it ended with exit code ${exitCode}`);
}

/** Reads both streams to their end. @returns the last lines of standard error */
async function listen(tool: Tool, onLine: (line: string) => void): Promise<string> {
  // Writing to a bridge that has just ended fails; that it has ended is told by its exit.
  tool.stdin?.on('error', () => undefined);
  const last: string[] = [];
  const keep = (line: string) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
  };
  await Promise.all([each(tool.stdout, onLine), each(tool.stderr, keep)]);
  return masked(last.join('\n').trim());
}

async function each(
  stream: NodeJS.ReadableStream | undefined,
  onLine: (line: string) => void,
): Promise<void> {
  if (stream) for await (const line of createInterface({ input: stream })) onLine(line);
}
