import type { ResultPromise } from 'execa';
import { missingTool } from '../domain/problems/tools.js';
import type { Command } from './command.js';
import { show } from './command.js';

/**
 * Loaded with the first tool: a hundred files, and most commands start none. Kept, as jest refuses an import of
 * tests that run at once where one of them has ended.
 */
const load = () => import('execa');
let loaded: ReturnType<typeof load> | undefined;
const library = () => (loaded ??= load());
type Execa = Awaited<ReturnType<typeof load>>['execa'];

export interface ShellOptions {
  /** Ends the tool and all that it started when aborted: SIGTERM to its process group, SIGKILL `graceMs` later. */
  signal?: AbortSignal;
  /** Milliseconds between SIGTERM and SIGKILL. */
  graceMs?: number;
  /** Told each line that the tool prints, as it comes. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Told the process id as soon as there is one. */
  onStart?: (pid: number) => void;
  /** Given to the tool on standard input, which is then closed. */
  input?: string;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** A tool that ran and did not end well. Adapters that know better turn it into a Problem. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  constructor(
    readonly command: string,
    readonly exitCode: number | undefined,
    readonly signal: string | undefined,
    readonly stderr: string,
    readonly stdout: string,
  ) {
    super(`${command} ${signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`}`);
  }

  /** The last lines that it printed: what a person needs to see. At most `lines`. */
  lastWords(lines = 5): string {
    const printed = this.stderr.trim() || this.stdout.trim();
    return printed.split('\n').slice(-lines).join('\n') || this.message;
  }
}

/** Output that is kept of one tool, in bytes: enough for any result we read, far from filling memory. */
const KEEP_BYTES = 64 * 2 ** 20;
const GRACE_MS = 5_000;

/**
 * Runs a command to its end, without a shell in between, in a process group of its own: what the tool
 * starts ends with it (a killed `sh -c 'a | b'` would leave `b` running, measured).
 *
 * @throws Problem `missing-tool`; ToolFailed when it did not exit with 0; the signal's reason when aborted
 */
export async function shell(command: Command, options: ShellOptions = {}): Promise<Output> {
  const { signal, onLine, onStart, input } = options;
  const { execa } = await library();
  signal?.throwIfAborted();
  const tool = start(execa, command, input);
  if (tool.pid) onStart?.(tool.pid);
  const letGo = endWith(tool, signal, options.graceMs ?? GRACE_MS);
  try {
    if (onLine) void listen(tool, onLine);
    const result = await tool;
    signal?.throwIfAborted();
    if (result.code === 'ENOENT') throw missingTool(command.file, result.originalMessage ?? '');
    if (result.failed)
      throw new ToolFailed(
        show(command),
        result.exitCode,
        result.signal,
        text(result.stderr),
        text(result.stdout),
      );
    return { stdout: text(result.stdout), stderr: text(result.stderr) };
  } finally {
    letGo();
  }
}

/** Nothing is kept: the caller reads, and a talk of days must not end at a limit of memory. */
const talking = { detached: true, cleanup: false, reject: false, buffer: false, stdin: 'pipe' } as const;

/**
 * Starts a command for a talk over its standard input and output; the caller must read both outputs.
 *
 * @returns the tool in an object: it is a promise of its own end, which `await` would wait for
 */
export async function startTool(command: Command): Promise<{ tool: ResultPromise<typeof talking> }> {
  const { execa } = await library();
  const tool = execa(command.file, command.args, {
    ...talking,
    ...(command.cwd ? { cwd: command.cwd } : {}),
    env: command.env ?? {},
  }) as ResultPromise<typeof talking>;
  return { tool };
}

const settings = { detached: true, cleanup: false, reject: false, maxBuffer: KEEP_BYTES } as const;

const start = (execa: Execa, command: Command, input: string | undefined) =>
  execa(command.file, command.args, {
    ...settings,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(command.cwd ? { cwd: command.cwd } : {}),
    env: command.env ?? {},
  });

/** Ends the tool's whole process group when the signal aborts. @returns how to stop listening */
export function endWith(
  tool: { pid?: number },
  signal: AbortSignal | undefined,
  graceMs: number,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const kill = (name: NodeJS.Signals) => {
    try {
      if (tool.pid) process.kill(-tool.pid, name);
    } catch {
      // It is gone already.
    }
  };
  const end = () => {
    kill('SIGTERM');
    timer = setTimeout(() => kill('SIGKILL'), graceMs);
  };
  // Aborted while the tool was being started, it tells nobody any more.
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  };
}

async function listen(
  tool: ReturnType<typeof start>,
  onLine: NonNullable<ShellOptions['onLine']>,
): Promise<void> {
  const each = async (from: 'stdout' | 'stderr') => {
    for await (const line of tool.iterable({ from })) onLine(String(line), from);
  };
  // The tool's failure is told by awaiting the tool itself.
  await Promise.all([each('stdout'), each('stderr')]).catch(() => undefined);
}

const text = (output: unknown): string => (typeof output === 'string' ? output : '');

export type Shell = typeof shell;
