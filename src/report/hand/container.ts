import type { HandSettings } from '../../domain/hand.js';
import type { Plan } from '../../domain/plan.js';
import { inFolder, quoted } from './shell.js';

/** Lines that run in a throw-away container of the release's image: the revision files are those in it. */
export function inContainer(settings: HandSettings, plan: Plan, lines: readonly string[]): string[] {
  const { alembic, deploy, folder } = settings;
  const [image] = plan.images ?? [];
  const tag = image ? [`docker tag ${quoted(image.id)} ${quoted(image.reference)}`] : [];
  const call = callOf(settings, plan).map(quoted).join(' ');
  const variables = { ...deploy?.environment, ...alembic.environment };
  return inFolder(folder, variables, [...tag, ...lines.map((line) => `${call} ${line}`)], folder);
}

/** By the service of compose, which has its networks and its environment, or by docker itself. */
function callOf({ container, alembic, deploy }: HandSettings, { images, release }: Plan): string[] {
  const named = Object.keys(alembic.environment).flatMap((name) => ['-e', name]);
  const at = ['-w', alembic.project.replaceAll('{release}', release), '--entrypoint', ''];
  if (container?.service && deploy?.compose)
    return [...deploy.compose.command, 'run', '--rm', '-T', '--no-deps', ...named, ...at, container.service];
  const image = images?.[0]?.id ?? container?.image?.replaceAll('{release}', release) ?? 'IMAGE';
  return ['docker', 'run', '--rm', '--network', container?.network ?? 'host', ...named, ...at, image];
}
