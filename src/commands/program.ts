import { Command, Option } from 'commander';
import { wrongUse } from '../domain/problems/use.js';
import { terminal, type GlobalOptions, type Io } from './io.js';
import type { Verb } from './verb.js';
import { verbs } from './verbs.js';
import { version } from './version.js';

/** The CLI: every verb of `verbs`, its code loaded only when it is used, so that --help is quick. */
export function createProgram(onExitCode: (code: number) => void): Command {
  const program = new Command('lockkeeper')
    .description('Takes a PostgreSQL + Alembic application from one release to the next, and back.')
    .version(version(), '-V, --version')
    .option('--config <path>', 'lockkeeper.yaml to use (or LOCKKEEPER_CONFIG)')
    .option('--json', 'results as JSON on standard output')
    .configureHelp({ subcommandTerm: termOf })
    .exitOverride()
    // Errors are told by `tell`, in one voice with all others.
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', EXIT_CODES);
  for (const verb of verbs) add(program, verb, onExitCode);
  return program;
}

/** A command in the list of all: its name and arguments. That it has options, its own help says. */
const termOf = (command: Command): string =>
  [
    command.name(),
    ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`)),
  ].join(' ');

const EXIT_CODES = `
Exit codes: 0 done · 1 failed, all as before · 2 wrong use or settings
            3 a person must decide · 4 an operator is needed · 130 interrupted`;

/** Commander would show its help, which it was told to keep to itself. */
const whichVerb = (name: string, { verbs = [] }: Verb): string =>
  `${name} takes ${verbs.map((each) => each.name).join(', ')}`;

/** @param under - the verb that it is below of */
function add(parent: Command, verb: Verb, onExitCode: (code: number) => void, under = ''): void {
  const name = `${under}${verb.name}`;
  const command = parent
    .command(verb.name)
    .description(verb.says)
    .exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      const isHelp = error.code === 'commander.help';
      throw wrongUse(isHelp ? whichVerb(name, verb) : error.message.replace(/^error: /, ''), name);
    });
  for (const argument of verb.args ?? []) command.argument(...argument);
  for (const [flags, says, choices] of verb.flags ?? [])
    command.addOption(choices ? new Option(flags, says).choices([...choices]) : new Option(flags, says));
  for (const below of verb.verbs ?? []) add(command, below, onExitCode, `${name} `);
  const { load } = verb;
  if (!load) return;
  command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2) as (string | undefined)[];
    const options = command.optsWithGlobals<GlobalOptions>();
    const io: Io = terminal(options.json ?? false);
    onExitCode(await (await load())(args, options, io));
  });
}
