/** A command to run, as a value: adapters build it, tests read it, only shell.ts runs it. */
export interface Command {
  file: string;
  args: readonly string[];
  /** Secrets go here, never in `args`: arguments are seen by every user of the machine. */
  env?: Readonly<Record<string, string>>;
  /** Folder to run in; default: the worker's own. */
  cwd?: string;
}

/** The command as a person would type it, without its environment. */
export const show = ({ file, args }: Command): string => [file, ...args].map(quote).join(' ');

const quote = (arg: string): string =>
  /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
