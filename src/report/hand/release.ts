import type { Hand, HandCommand, HandSettings } from '../../domain/hand.js';
import type { Part } from './part.js';
import { commandLine, inFolder, quoted, usersCommands } from './shell.js';

/** A release is started by the target's own commands. `step`: what they find in LOCKKEEPER_STEP. */
export function start(
  hand: Hand,
  release: string | null | undefined,
  step: 'deploy' | 'put-back',
  title: string,
): Part {
  const { settings, stood } = hand;
  const { deploy, running } = settings;
  if (!release)
    return {
      title,
      says: ['Which release that is, is not known: look, and start it.'],
      commands: [],
      check: [],
    };
  if (!deploy) return { title, says: ['The target has no deploy.commands.'], commands: [], check: [] };
  if (deploy.compose) return byCompose(hand, deploy.compose, step, title);
  const variables = {
    LOCKKEEPER_RELEASE: release,
    LOCKKEEPER_RUNNING_RELEASE: '',
    LOCKKEEPER_RUN: stood.runId,
    LOCKKEEPER_STEP: step,
  };
  return {
    title,
    says: [
      `Starts ${release} by deploy.commands, which are safe to repeat.${step === 'deploy' ? ' Not after lockkeeper migrate: that starts none.' : ''}`,
    ],
    commands: usersCommands(settings, deploy.commands, variables),
    check: running ? [runs(settings, running, release)] : [],
  };
}

/** Fails unless that is the release that runs. */
function runs(settings: HandSettings, running: HandCommand, release: string): string {
  const { deploy, folder, target } = settings;
  const variables = { ...deploy?.environment, LOCKKEEPER_TARGET: target };
  const lines = inFolder(folder, variables, [commandLine(running)], folder).map((line) => line.trim());
  return `test "$(${lines.slice(1, -1).join(' && ')})" = ${quoted(release)}`;
}

/** The names of the compose file are made to lead to the images, and its services started with them. */
function byCompose(
  { settings, plan }: Hand,
  { command, services }: { command: readonly string[]; services: readonly string[] },
  step: 'deploy' | 'put-back',
  title: string,
): Part {
  const { folder, deploy } = settings;
  const images = (plan && 'images' in plan ? plan.images : undefined) ?? [];
  const tags = images.flatMap(({ reference, id, running }) => {
    const wanted = step === 'deploy' ? id : running;
    return wanted ? [`docker tag ${quoted(wanted)} ${quoted(reference)}`] : [];
  });
  const up = [...command, 'up', '-d', '--no-deps', ...services].map(quoted).join(' ');
  return {
    title,
    says: ['Starts the images by compose: by their ids, whatever the tags lead to by now.'],
    commands: inFolder(folder, deploy?.environment ?? {}, [...tags, up], folder),
    check: [],
    notes: tags.length
      ? []
      : ['which images those are is not known: look at docker images, and tag them first'],
  };
}

/** Asks until the application is well. */
export function health({ settings: { healthUrl } }: Hand): Part {
  return {
    title: 'Wait until it is healthy',
    says: [
      healthUrl ? `Asks ${healthUrl} for up to a minute.` : 'The target has no health check: look at it.',
    ],
    commands: healthUrl
      ? [`curl -fsS --retry 60 --retry-delay 1 --retry-all-errors --max-time 5 ${quoted(healthUrl)}`]
      : [],
    check: [],
  };
}
