import { z } from 'zod';
import { MOST_MINUTES } from '../domain/messages.js';
import { whyNoReference } from './references.js';
import { command, pathForNginx as path, seconds } from './values.js';

/** How the site of a target is closed for a time. The flag's meaning is in nginx: see docs/production.md. */
export const closureSchema = z
  .strictObject({
    flag: path.describe(
      'File that closes the site while it is there. nginx must be able to enter its folder: not below a home folder.',
    ),
    url: z
      .url('expected a URL such as https://shop.example.com/')
      .describe(
        'Asked to prove that the site is closed and open: an ordinary page, through nginx; not one that stays open.',
      ),
    scope: z
      .enum(['site', 'writes'])
      .default('site')
      .describe(
        'What a run closes. writes: all but GET, HEAD and OPTIONS is answered with 503, and people read on. The change must let them, and the application must write nothing when it is read.',
      ),
    open: z
      .array(path.regex(/^\//, 'expected a path such as /health'))
      .optional()
      .describe('Paths that stay open. Default: that of `health.url`.'),
    bypass: z
      .string()
      .superRefine((text, context) => {
        const message = whyNoReference(text);
        if (message) context.addIssue({ code: 'custom', message });
      })
      .optional()
      .describe(
        'Secret, as `${NAME}` or `file:PATH`. Whoever sends it as header X-Lockkeeper-Bypass or cookie lockkeeper_bypass sees the closed site.',
      ),
    seenAs: path
      .optional()
      .describe(
        'The path of `flag` as nginx sees it, where that is another: nginx in a container, with the folder mounted.',
      ),
    nginx: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        'nginx as a command, such as [nginx] or [docker, exec, web, nginx]: lets `lockkeeper doctor` test its configuration. It is never reloaded.',
      ),
    switch: z
      .strictObject({
        close: z.array(command).default([]).describe('Run once the flag is there, before the site is asked.'),
        open: z.array(command).default([]).describe('Run once it is gone, before the site is asked.'),
      })
      .prefault({})
      .describe(
        'For a site that does not see the flag: a load balancer, nginx on another host, an include with a reload. They must be safe to repeat.',
      ),
    stop: z
      .array(command)
      .default([])
      .describe(
        'Stop what else writes to the database, such as workers and cron. They must be safe to repeat.',
      ),
    start: z
      .array(command)
      .default([])
      .describe('Start it again. They must be safe to repeat, also when nothing was stopped.'),
    timeoutSeconds: seconds(120).describe(
      'Longest time for all stop commands together, and for all start commands.',
    ),
    waitSeconds: seconds(30).describe(
      'How long transactions of the application may take to end by themselves; then their sessions are ended.',
    ),
    minutes: z
      .number()
      .positive()
      .max(MOST_MINUTES)
      .default(10)
      .describe('Planned length of a closure, in minutes. What lasts longer sounds an alarm.'),
    alarmEveryMinutes: z
      .number()
      .positive()
      .max(MOST_MINUTES)
      .default(15)
      .describe('How often the alarm of a closure that lasts too long is repeated, in minutes.'),
    backup: z
      .enum(['dump', 'template', 'command'])
      .default('dump')
      .describe(
        'How the closed database is backed up before the migration. dump: as always. template: a copy on the same server, by CREATE DATABASE … TEMPLATE, several times as fast; its undo is a swap of names. command: `snapshot`.',
      ),
    snapshot: z
      .strictObject({
        take: z.array(command).min(1).describe('Take a snapshot named LOCKKEEPER_SNAPSHOT.'),
        back: z
          .array(command)
          .min(1)
          .describe('Put the database back to it, and return when the server answers.'),
        timeoutSeconds: seconds(600).describe('Longest time for all commands of one of them together.'),
      })
      .optional()
      .describe(
        'A snapshot of the storage that the closed database lies on. All commands must be safe to repeat.',
      ),
    page: path
      .optional()
      .describe(
        'Where the page for visitors is written, with the planned end, and beside it, named `.ko`, the one with Korean first. In the folder of `flag`. Default: the flag with `.html`.',
      ),
  })
  .refine(({ backup, snapshot }) => backup !== 'command' || snapshot !== undefined, {
    message: 'closure.backup is command, and closure.snapshot does not say which',
    path: ['snapshot'],
  })
  .describe('How the site is closed for changes that need it.');
