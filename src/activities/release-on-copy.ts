import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Guarded, startGuarded } from '../adapters/guarded.js';
import { ask } from '../adapters/http.js';
import { removeLabelled } from '../adapters/labelled.js';
import { freePort, HOST } from '../adapters/ports.js';
import { plainEnvironment } from '../adapters/run.js';
import type { CellRequest, CellsSettings } from '../config/cells.js';
import type { CommandSetting } from '../config/schema.js';
import type { CellFault } from '../domain/cells.js';
import { masker } from '../domain/mask.js';
import type { Plan } from '../domain/plan.js';
import { asSent, filledIn, nameOf, partsOf, pathOf, shown } from './cell-words.js';
import { variablesOfCells } from './cells-environment.js';
import { logWriter } from './commands.js';
import { expected, whatIsWrong } from './health.js';
import { asCommand, type Target } from './home.js';
import type { Copy, CopyInput } from './rehearsal-copy.js';
import type { Work } from './work.js';

const ASK_EVERY_MS = 100;
const LAST_LINES = 3;
const BODY_CHARS = 120;

/** What the releases are tried with: the target as it is, and the copy. */
export interface CellsStage {
  live: Target;
  copy: Copy;
  plan: Plan;
  input: Pick<CopyInput, 'runId'>;
}

/** One release that runs on the copy, at a port of its own. */
export class ReleaseOnCopy {
  readonly #last: string[] = [];
  #health: Promise<string | null> | undefined;
  #program: Guarded | undefined;

  private constructor(
    private readonly release: string,
    private readonly at: { url: string; environment: Record<string, string>; log: string },
    private readonly stage: CellsStage,
    private readonly work: Work,
  ) {}

  /** Starts it, and does not wait for it. */
  static async start(
    release: string,
    schema: 'old' | 'new',
    stage: CellsStage,
    work: Work,
  ): Promise<ReleaseOnCopy> {
    const { live, input } = stage;
    const port = await freePort();
    const environment = environmentFor(stage, release, port);
    const log = join(live.config.state, 'logs', input.runId, `rehearse-${release}-on-${schema}.log`);
    const at = { url: `http://${HOST}:${port}`, environment, log };
    const started = new ReleaseOnCopy(release, at, stage, work);
    const words = { release, port: String(port), label: labelOf(live) };
    started.#program = await started.#run(filledIn(settingsOf(live).start, words));
    return started;
  }

  /** Asked once, whoever waits. @returns in words why it is not; null: it is */
  untilHealthy(): Promise<string | null> {
    return (this.#health ??= this.#untilHealthy());
  }

  /** Sends it all that the settings say. @returns what did not go well */
  async faults(): Promise<CellFault[]> {
    const { requests, commands, timeoutSeconds } = settingsOf(this.stage.live);
    const deadline = AbortSignal.timeout(timeoutSeconds * 1_000);
    const signal = AbortSignal.any([this.work.signal, deadline]);
    const found: CellFault[] = [];
    const add = async (request: string, why: () => Promise<string | null>) => {
      const told = await why().catch((error: unknown) => {
        if (!deadline.aborted || this.work.signal.aborted) throw error;
        return `it was not over after ${timeoutSeconds} s`;
      });
      if (told !== null) found.push({ request, why: this.#mask(told) });
    };
    for (const request of requests)
      if (this.#knows(request)) await add(nameOf(request), () => this.#send(request, signal));
    for (const command of commands) await add(shown(command), () => this.#test(command, signal));
    return found;
  }

  #knows(request: CellRequest): boolean {
    const only = typeof request === 'string' ? undefined : request.only;
    const { running } = this.stage.plan;
    return only === undefined || this.release === (only === 'next' ? this.stage.plan.release : running);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async #untilHealthy(): Promise<string | null> {
    const { live } = this.stage;
    const { health } = settingsOf(live);
    const fields = expected(health.expect ?? live.settings.health?.expect ?? {}, this.release);
    const url = `${this.at.url}${health.path ?? pathOf(live.settings.health?.url)}`;
    const until = Date.now() + health.deadlineSeconds * 1_000;
    for (;;) {
      const ended = this.#program?.ended();
      if (ended !== undefined) return this.#mask([ended, ...this.#last].join('; '));
      const fault = await whatIsWrong(url, fields, this.work.signal);
      if (fault === null) return null;
      if (Date.now() > until) return this.#mask(`not healthy after ${health.deadlineSeconds} s: ${fault}`);
      await sleep(ASK_EVERY_MS, undefined, { signal: this.work.signal });
    }
  }

  async #send(request: CellRequest, signal: AbortSignal): Promise<string | null> {
    const unique = randomBytes(6).toString('hex');
    const { method, path, body, status } = partsOf(request);
    const sent = body === undefined ? undefined : asSent(body, unique);
    const answer = await ask(`${this.at.url}${path.replaceAll('{unique}', unique)}`, signal, {
      method,
      ...(sent === undefined ? {} : { body: sent }),
    });
    if (typeof answer === 'string') return answer;
    const isRight = status === undefined ? answer.status < 400 : answer.status === status;
    return isRight ? null : `it answered ${answer.status}: ${answer.body.slice(0, BODY_CHARS)}`;
  }

  /** A test of the user's own, which gets no other environment than the release. */
  async #test(command: CommandSetting, signal: AbortSignal): Promise<string | null> {
    const test = await this.#run(command);
    const end = () => void test.stop();
    signal.addEventListener('abort', end, { once: true });
    const code = await test.over;
    signal.removeEventListener('abort', end);
    await test.stop();
    signal.throwIfAborted();
    return code === 0 ? null : [`exit code ${code}`, ...this.#last].join('; ');
  }

  async #run(setting: CommandSetting): Promise<Guarded> {
    const { config } = this.stage.live;
    const folder = settingsOf(this.stage.live).folder.replaceAll('{release}', this.release);
    const write = await logWriter(this.at.log, (line) => this.#mask(line));
    const command = {
      ...asCommand(setting),
      cwd: resolve(config.folder, folder),
      env: this.at.environment,
    };
    await write(`$ ${shown(setting)}`);
    return startGuarded(command, {
      onLine: (line) => {
        void write(line);
        this.#last.push(this.#mask(line));
        if (this.#last.length > LAST_LINES) this.#last.shift();
      },
      ...(this.work.onTool ? { onStart: this.work.onTool } : {}),
    });
  }

  /** Of the copy's environment all may be secret. */
  #mask(text: string): string {
    return masker(Object.values(variablesOfCells(this.stage.live)))(this.stage.live.mask(text));
  }
}

/** Removes containers that the start command has made, where it makes some. */
export async function removeContainers(target: Target): Promise<void> {
  const { start } = settingsOf(target);
  const program = /\b(docker|podman|nerdctl)\b/.exec(shown(start))?.[0];
  if (program && shown(start).includes('{label}')) await removeLabelled(program, labelOf(target));
}

const labelOf = ({ name }: Target): string => `lockkeeper.rehearsal=${name}`;

/** Asked only where there are some. */
const settingsOf = ({ settings }: Target): CellsSettings => settings.rehearsal.cells!;

function environmentFor({ live, copy }: CellsStage, release: string, port: number): Record<string, string> {
  const given = { ...plainEnvironment(), ...variablesOfCells(live) };
  return {
    ...(copy.isolated?.(given) ?? {}),
    LOCKKEEPER_TARGET: live.name,
    LOCKKEEPER_RELEASE: release,
    LOCKKEEPER_PORT: String(port),
    LOCKKEEPER_URL: `http://${HOST}:${port}`,
    LOCKKEEPER_LABEL: labelOf(live),
  };
}
