import { z } from 'zod';
import { command } from './values.js';

const service = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected the name of a service of the compose file');

const several = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1)]);

/** How a release is started by docker compose; part of `deploy`. */
export const compose = z
  .strictObject({
    file: several(z.string().min(1))
      .default('docker-compose.prod.yml')
      .describe('The compose file, or a list of them, as after `-f`. Relative to lockkeeper.yaml.'),
    project: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]*$/, 'expected lower-case letters, digits and - _')
      .optional()
      .describe('Name of the compose project. Default: as compose itself finds it.'),
    services: several(service)
      .default('app')
      .describe('What is started: one service or a list. The first one is the application.'),
    way: z
      .enum(['recreate', 'rolling', 'blue-green'])
      .default('recreate')
      .describe(
        'How the new containers take the place of the old ones. recreate: a gap of seconds. rolling: a second container of the first service, blue-green: the other one of the first two services, to which nginx is moved (`deploy.peers`): no request fails.',
      ),
    fetch: z
      .enum(['pull', 'build', 'none'])
      .default('pull')
      .describe(
        'How the image comes here, before anything else is done. pull: by its name in the compose file, with the release as its tag when one is named. none: `release.fetch` brings it.',
      ),
    backupTag: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'expected a tag of an image')
      .default('backup')
      .describe('Tag that the image gets which runs before a deploy.'),
    keepImages: z
      .number()
      .int()
      .min(2)
      .max(100)
      .default(5)
      .describe('How many images of former releases are kept, besides those in use.'),
    healthySeconds: z
      .number()
      .positive()
      .max(3_600)
      .default(120)
      .describe('How long containers may take until their own health checks pass.'),
    logLines: z
      .number()
      .int()
      .min(1)
      .max(200)
      .default(20)
      .describe('How many of the last lines of a failing container the record gets.'),
    command: command
      .optional()
      .describe('Compose itself, as a list. Default: the plugin `docker compose`, else docker-compose.'),
  })
  .refine(({ way, services }) => way !== 'blue-green' || (Array.isArray(services) && services.length > 1), {
    message: 'expected the two services that are the application, such as [blue, green]',
    path: ['services'],
  })
  .describe('Starts the release by docker compose, in place of `commands`.');

/** How Alembic is run in the image of the release; part of `alembic`. */
export const container = z
  .strictObject({
    service: service
      .optional()
      .describe(
        "Service of the compose file whose environment, networks, volumes and user are taken, such as migration. Its command is not run: Lockkeeper's own is.",
      ),
    network: z
      .string()
      .min(1)
      .optional()
      .describe('Network of the container, such as host. Default: that of `service`, else host.'),
    image: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The image, where `deploy.compose` does not say. `{release}` stands for the name of the release.',
      ),
  })
  .optional()
  .describe(
    'Runs Alembic in a container of the image of the release. `python` and `project` are then paths in it, and `environment` is given to it by name.',
  );
