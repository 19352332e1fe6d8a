/** How a closure stands, as the workflow that watches it tells. */
export interface AlarmStatus {
  target: string;
  site: 'open' | 'closed' | 'overdue';
  /** For people: who, since when, why, until when. */
  says: string;
  /** How often it was sounded. */
  alarms: number;
  /** What people said to it, oldest first, at most 20. */
  said: readonly string[];
}

/** The page that Temporal's Web UI shows of a closure: Markdown. */
export const alarmText = ({ target, site, says, alarms, said }: AlarmStatus): string =>
  [
    `## The site of ${target} is ${site === 'overdue' ? 'CLOSED FOR TOO LONG' : site}`,
    site === 'open' ? '' : `\`${plain(says)}\``,
    ...(alarms ? ['', `The alarm was sounded ${alarms === 1 ? 'once' : `${alarms} times`}.`] : []),
    ...(site === 'open' ? [] : ['', ...whatToDo(target)]),
    ...(said.length ? ['', '### Said', ...said.slice(-6).map((line) => `- \`${plain(line)}\``)] : []),
  ].join('\n');

const whatToDo = (target: string): string[] => [
  '### What to do',
  `A run that closed the site opens it at its end: look at \`lockkeeper:${target}\`, or \`lockkeeper status ${target}\`.`,
  'When nothing needs it closed, send the update or signal `maintenance`:',
  '```json',
  '{"by":"you@example.com","turn":"off"}',
  '```',
  `By CLI on its host: \`lockkeeper maintenance off ${target}\`. Cancelling this workflow only switches the alarm off.`,
];

const plain = (text: string): string => text.replaceAll('`', "'").replace(/\s+/g, ' ').slice(0, 400);
