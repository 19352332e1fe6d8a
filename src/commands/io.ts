import { stdin, stderr, stdout } from 'node:process';

/** How a command talks to people and machines: results on standard output, all else on standard error. */
export interface Io {
  json: boolean;
  /** Somebody sits there who can be asked. */
  interactive: boolean;
  out(text: string): void;
  say(text: string): void;
}

/** With --json the only thing on standard output is one JSON value. */
export const terminal = (json: boolean): Io => ({
  json,
  interactive: Boolean(stdin.isTTY && stdout.isTTY) && !json,
  out: (text) => void stdout.write(`${text}\n`),
  say: (text) => void (json ? stderr : stdout).write(`${text}\n`),
});

/** Options that every command has. */
export interface GlobalOptions {
  config?: string;
  json?: boolean;
}
