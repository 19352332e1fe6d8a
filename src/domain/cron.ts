/** Values of one field: from `start` to `end`, each `step`-th. */
export interface CronRange<Unit = number> {
  start: Unit;
  end: Unit;
  step: number;
}

/** The times of a cron expression, a field each. All of them must fit. */
export interface Cron {
  minute: CronRange[];
  hour: CronRange[];
  dayOfMonth: CronRange[];
  month: CronRange[];
  /** 0 is Sunday. */
  dayOfWeek: CronRange[];
}

interface Field {
  name: string;
  least: number;
  most: number;
  words?: readonly string[];
}

const fields = {
  minute: { name: 'minute', least: 0, most: 59 },
  hour: { name: 'hour', least: 0, most: 23 },
  dayOfMonth: { name: 'day of the month', least: 1, most: 31 },
  month: {
    ...{ name: 'month', least: 1, most: 12 },
    words: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  // 7 is Sunday, too, as everywhere else.
  dayOfWeek: {
    ...{ name: 'day of the week', least: 0, most: 7 },
    words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  },
} satisfies Record<keyof Cron, Field>;

/**
 * Reads a cron expression of five fields: minute, hour, day of the month, month, day of the week.
 *
 * @returns its fields, or in words what is wrong with it
 */
export function parseCron(text: string): Cron | string {
  const parts = text.trim().split(/\s+/);
  const names = Object.keys(fields) as (keyof Cron)[];
  if (parts.length !== names.length)
    return `expected five fields (minute hour day-of-month month day-of-week) such as "15 2 * * *", got "${text}"`;
  const read = names.map((name, i) => [name, readField(parts[i] ?? '', fields[name])] as const);
  const fault = read.find(([, ranges]) => typeof ranges === 'string')?.[1];
  if (typeof fault === 'string') return fault;
  const cron = Object.fromEntries(read) as unknown as Cron;
  // cron would take either, Temporal asks for both: so that nobody is surprised, neither is guessed.
  if (parts[2] !== '*' && parts[4] !== '*')
    return `expected a day of the month or a day of the week, not both, got "${text}": write two schedules`;
  return { ...cron, dayOfWeek: cron.dayOfWeek.flatMap(sundayFirst) };
}

function readField(text: string, field: Field): CronRange[] | string {
  const ranges: CronRange[] = [];
  for (const part of text.toLowerCase().split(',')) {
    const range = readRange(part, field);
    if (!range) return `"${part}" is no ${field.name}`;
    ranges.push(range);
  }
  return ranges;
}

function readRange(text: string, field: Field): CronRange | undefined {
  const [, from = '', to, every] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(text) ?? [];
  const step = every === undefined ? 1 : Number(every);
  if (!from || step < 1 || (from === '*' && to !== undefined)) return undefined;
  const most = field.most === 7 ? 6 : field.most;
  if (from === '*') return { start: field.least, end: most, step };
  const start = valueOf(from, field);
  // `5/10` goes on to the end, as cron has it.
  const end = to === undefined ? (every === undefined ? start : most) : valueOf(to, field);
  return start === undefined || end === undefined || end < start ? undefined : { start, end, step };
}

function valueOf(text: string, { least, most, words = [] }: Field): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : words.indexOf(text);
  return value >= least && value <= most && text !== '' ? value : undefined;
}

/** Days up to 7 as days up to 6: `5-7` is Friday, Saturday and Sunday. */
function sundayFirst({ start, end, step }: CronRange): CronRange[] {
  if (end < 7) return [{ start, end, step }];
  const days = [];
  for (let day = start; day <= end; day += step) days.push(day % 7);
  return days.map((day) => ({ start: day, end: day, step: 1 }));
}
