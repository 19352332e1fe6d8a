import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
/** Where a setting stands: `['targets', 'shop', 'verify', 0]`. */
export type SettingPath = readonly PropertyKey[];

/** What is wrong with one setting. `says` names no value: it may be a secret. */
export interface Fault {
  path: SettingPath;
  says: string;
}

/** Zod's issues as faults: each with what was expected, in words that can be read aloud. */
export function faultsOf(issues: readonly Issue[], at: SettingPath = []): Fault[] {
  return issues.flatMap((issue) => faultOf(issue, [...at, ...issue.path]));
}

function faultOf(issue: Issue, path: SettingPath): Fault[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], says: 'there is no such setting' }));
    case 'invalid_union':
      return unionFaults(issue, path);
    case 'invalid_key':
      return [{ path, says: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_type':
      return [{ path, says: given(issue.input, nameOf(issue.expected)) }];
    case 'invalid_value':
      return [{ path, says: given(issue.input, issue.values.map(String).join(' or ')) }];
    case 'too_small':
      return [{ path, says: tooSmall(issue) }];
    case 'too_big':
      return [{ path, says: `expected at most ${String(issue.maximum)}` }];
    case 'custom':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
      return [{ path, says: issue.message }];
  }
}

/** Of several forms the one that was meant: the only one that fails at more than its kind. */
function unionFaults(issue: Issue & { code: 'invalid_union' }, path: SettingPath): Fault[] {
  const isWrongKind = ({ code, path: inner }: Issue) => code === 'invalid_type' && inner.length === 0;
  const meant = issue.errors.find((issues) => issues.length && !issues.some(isWrongKind));
  if (meant) return faultsOf(meant, path);
  const kinds = issue.errors.flatMap((issues) =>
    issues.flatMap((each) => (each.code === 'invalid_type' ? [nameOf(each.expected)] : [])),
  );
  return [{ path, says: given(issue.input, [...new Set(kinds)].join(' or ')) }];
}

const given = (input: unknown, expected: string): string =>
  input === undefined
    ? `missing: expected ${expected}`
    : `expected ${expected}, got ${kindOf(input)}${hint(input)}`;

function tooSmall({ origin, minimum, inclusive }: Issue & { code: 'too_small' }): string {
  if (origin === 'string') return 'expected text, got an empty one';
  if (origin === 'array') return 'expected at least one entry';
  return inclusive === false
    ? `expected more than ${String(minimum)}`
    : `expected at least ${String(minimum)}`;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings (name: value)',
  record: 'settings (name: value)',
};

const nameOf = (expected: string): string => NAMES[expected] ?? expected;

function kindOf(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'settings (name: value)';
  if (typeof input === 'number') return Number.isInteger(input) ? 'a number' : `${input}`;
  return typeof input === 'boolean' ? String(input) : 'text';
}

/** What YAML makes of a text or of an empty line, and nobody sees why. */
function hint(input: unknown): string {
  if (input === null) return ': fill it in or take the line out';
  const isMap = typeof input === 'object' && !Array.isArray(input);
  return isMap ? ': put a text that begins with { in quotes' : '';
}
