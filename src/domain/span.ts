const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `90s`, `15m`, `6h`, `7d`. @returns milliseconds; undefined when it is none */
export function parseSpan(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,6})\s*([smhd])$/.exec(text.trim()) ?? [];
  const factor = units[unit];
  return factor === undefined || Number(digits) === 0 ? undefined : Number(digits) * factor;
}

/** The same in its largest unit. @param ms - a whole number of seconds */
export function spanText(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((each) => ms % units[each]! === 0) ?? 's';
  return `${ms / units[unit]!}${unit}`;
}
