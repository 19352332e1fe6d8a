import { z } from 'zod';
import { eventNames } from '../domain/notice.js';
import { parseWindow } from '../domain/windows.js';
import { whyHeaderNotInFile, whyNoHookUrl } from './references.js';
import { command } from './values.js';

const minutes = (byDefault: number) =>
  z
    .number()
    .positive()
    .max(60 * 24 * 30)
    .default(byDefault);

const people = (least: number) => z.number().int().min(least).max(20).default(least);

/** What a change may be that runs without people, besides of low risk, read as a whole and with a way back. */
export const automatic = z
  .strictObject({
    largestTableGiB: z
      .number()
      .positive()
      .max(1_048_576)
      .default(10)
      .describe('The most that a table may have that it touches, with indexes, TOAST and partitions.'),
  })
  .prefault({})
  .describe('When a low-risk change runs without people. Otherwise one person approves, and is told why.');

/** How people decide. The numbers can be raised and not lowered. */
export const approval = z
  .strictObject({
    approvers: z
      .array(z.string().min(1))
      .default([])
      .describe('Only these may decide; empty: anybody who says a name.'),
    team: z
      .enum(['several', 'one'])
      .default('several')
      .describe(
        '`one`: the same person may approve twice, `minutesApart` apart, the second time with the target typed.',
      ),
    minutesApart: z
      .number()
      .min(15)
      .max(1_440)
      .default(15)
      .describe('For a team of one. At least 15 minutes.'),
    planAgeMinutes: minutes(2_880).describe(
      'How old a plan may be when its migration begins. An older one is refused, everything as it was.',
    ),
    deadlineMinutes: minutes(1_440).describe(
      'Silence for so long, at most `planAgeMinutes`, ends the run, everything as it was.',
    ),
    reminderMinutes: minutes(60).describe('A reminder goes out so long before the deadline.'),
    people: z
      .strictObject({
        low: people(0).describe('People that must approve a low-risk change.'),
        medium: people(1).describe('The same for medium risk.'),
        high: people(1).describe('The same for high risk.'),
        'very-high': people(2).describe(
          'The same for very high risk, none of them the requester, who must be named.',
        ),
      })
      .prefault({})
      .describe('How many different people must approve, by risk.'),
    requesterMayApprove: z
      .boolean()
      .default(true)
      .describe('Whether the requester counts among those who approve a medium or high risk.'),
  })
  .prefault({})
  .describe('Who decides, and by when.');

const window = z.string().superRefine((text, context) => {
  const parsed = parseWindow(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

const ofRisk = z
  .array(window)
  .default([])
  .describe(
    'Times of the week in which such a change may begin, such as `Mon-Fri 22:00-05:00 Europe/Berlin`; empty: always.',
  );

export const windows = z
  .strictObject({ low: ofRisk, medium: ofRisk, high: ofRisk, 'very-high': ofRisk })
  .prefault({})
  .describe('When changes may begin, by risk. Waited for after the approval.');

const hookUrl = z.string().superRefine((text, context) => {
  const message = whyNoHookUrl(text);
  if (message) context.addIssue({ code: 'custom', message });
});

const hookHeaders = z
  .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'expected a name of a header'), z.string())
  .superRefine((headers, context) => {
    for (const [header, text] of Object.entries(headers)) {
      const message = whyHeaderNotInFile(header, text);
      if (message) context.addIssue({ code: 'custom', message, path: [header] });
    }
  })
  .default({});

/** Who is told what happens; the JSON is in docs/production.md. */
export const notify = z
  .array(
    z
      .strictObject({
        url: hookUrl
          .optional()
          .describe('Gets a POST with JSON. As `${NAME}` or `file:PATH` where the URL itself is a secret.'),
        headers: hookHeaders.describe('Sent with it, such as `Authorization: Bearer ${HOOK_TOKEN}`.'),
        command: command
          .optional()
          .describe('Gets LOCKKEEPER_EVENT, LOCKKEEPER_TEXT, LOCKKEEPER_RUN and LOCKKEEPER_OUTCOME.'),
        events: z
          .array(z.enum(eventNames))
          .min(1)
          .default([...eventNames])
          .describe(`Of what it is told: ${eventNames.join(', ')}; default: of all.`),
      })
      .refine(
        ({ url, command: run }) => (url === undefined) !== (run === undefined),
        'expected either url or command',
      ),
  )
  .default([])
  .describe(
    'Who is told that a gate is open, a reminder, the end of a run, an undo that failed, an overdue closure, a scheduled backup or proof that failed, a proven backup that is too old (docs/production.md).',
  );
