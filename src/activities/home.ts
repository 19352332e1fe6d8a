import { resolve } from 'node:path';
import type { AlembicProject } from '../adapters/alembic/project.js';
import type { Command } from '../adapters/command.js';
import { loadConfig, targetOf, type Config } from '../config/load.js';
import type { CommandSetting, TargetSettings } from '../config/schema.js';
import { resolved, resolvedAll } from '../config/secrets.js';
import { masker } from '../domain/mask.js';
import { bridgeContainer } from './compose/container.js';

/** One target with all that its steps need. Secrets are resolved when they are asked for. */
export interface Target {
  name: string;
  settings: TargetSettings;
  config: Config;
  /** URL of the database, with its password. Never put it into a message. */
  url(): string;
  project(release: string): AlembicProject;
  /** The same where the database is not asked: what its environment refers to may be missing, and is left out then. */
  projectOffline(release: string): AlembicProject;
  /** One of the user's own commands, with the documented environment. */
  command(setting: CommandSetting, environment: Readonly<Record<string, string>>): Command;
  /** One of its settings with its references resolved. `at`: its path below the target, for the message. */
  secret(text: string, at: string): string;
  /** The same of all values. */
  secrets(all: Readonly<Record<string, string>>, at: string): Record<string, string>;
  /** Takes the target's secrets out of a text. */
  mask(text: string): string;
}

/** Where the settings are. They are read anew for each step, so that a worker never works with old ones. */
export interface Home {
  config(): Config;
  target(name?: string): Target;
}

/** @param path - of lockkeeper.yaml; default: see loadConfig */
export const homeAt = (path?: string): Home => ({
  config: () => loadConfig(path),
  target: (name) => makeTarget(loadConfig(path), name),
});

function makeTarget(config: Config, wanted?: string): Target {
  const { name, settings } = targetOf(config, wanted);
  const at = `targets.${name}`;
  const secretsOf = (all: Readonly<Record<string, string>>, where: string) =>
    resolvedAll(all, `${at}.${where}`, config.folder);
  const url = () => resolved(settings.database.url, `${at}.database.url`, config.folder);
  const environment = () => secretsOf(settings.alembic.environment, 'alembic.environment');
  const inPlace = (release: string, project: AlembicProject): AlembicProject =>
    settings.alembic.container
      ? { ...project, cwd: config.folder, container: bridgeContainer(target, release) }
      : project;
  const target: Target = {
    name,
    settings,
    config,
    url,
    project: (release) => inPlace(release, projectAt(config, settings, release, environment())),
    projectOffline: (release) =>
      inPlace(release, projectAt(config, settings, release, environmentThere(config, settings))),
    command: (setting, extra) => ({
      ...asCommand(setting),
      cwd: config.folder,
      env: { ...secretsOf(settings.deploy?.environment ?? {}, 'deploy.environment'), ...extra },
    }),
    secret: (text, where) => resolved(text, `${at}.${where}`, config.folder),
    secrets: secretsOf,
    mask: (text) =>
      masker([...valuesThere(() => [url()]), ...valuesThere(() => Object.values(environment()))])(text),
  };
  return target;
}

const environmentThere = ({ folder }: Config, { alembic }: TargetSettings): Record<string, string> =>
  Object.fromEntries(
    Object.entries(alembic.environment).flatMap(([variable, text]) =>
      valuesThere(() => [resolved(text, '', folder)]).map((value) => [variable, value]),
    ),
  );

/** None where one of them is not there: it cannot be in a text either. */
function valuesThere(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

const projectAt = (
  { folder }: Config,
  { alembic }: TargetSettings,
  release: string,
  environment: Readonly<Record<string, string>>,
): AlembicProject => ({
  python: asList(alembic.python),
  cwd: resolve(folder, alembic.project.replaceAll('{release}', release)),
  config: alembic.config,
  environment,
});

const asList = (setting: CommandSetting): readonly string[] =>
  typeof setting === 'string' ? [setting] : setting;

/** A setting as it is run. */
export const asCommand = (setting: CommandSetting): Command => {
  if (typeof setting === 'string') return { file: 'sh', args: ['-c', setting] };
  const [file = '', ...args] = setting;
  return { file, args };
};
