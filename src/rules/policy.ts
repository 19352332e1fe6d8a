import { literally } from '../domain/pattern.js';
import type { Finding } from '../domain/plan.js';
import { higher, risks, type Risk } from '../domain/risk.js';
import { inCatalog } from '../domain/sql-name.js';
import type { Effects } from '../locks/effects.js';
import type { Schema } from '../schema/model.js';
import { locked, type Hit, type Rule } from './rule.js';

/** A rule of the user's. */
export interface OwnRule extends Rule {
  /** As the settings name it. */
  file: string;
}

/** How a target's settings want its changes judged, besides the catalogue. It only ever raises a risk. */
export interface Policy {
  /** By rule, the least risk of what it finds. */
  raise: Readonly<Record<string, Risk>>;
  /** Tables that are larger than this are not read, indexed or written anew in passing. */
  largeTableGiB?: number;
  /** Tables that are always in use; `*` stands for any characters. */
  busyTables: readonly string[];
  own: readonly OwnRule[];
}

/**
 * A finding at the highest risk that the settings give it, with the reasons; as it is where they raise nothing, or have
 * raised it, or its author allows it, whom they were told to before.
 *
 * @param large - the large table that the statement works on, see `largeIn`
 */
export function raised(finding: Finding, policy: Policy | undefined, large?: string): Finding {
  if (!policy || finding.raised || finding.allowed) return finding;
  const { risk: own } = finding;
  const reasons = reasonsFor(finding, policy, large).filter(({ risk }) => higher(risk, own) !== own);
  if (reasons.length === 0) return finding;
  const risk = reasons.reduce((most, each) => higher(most, each.risk), own);
  const reason = reasons.map(({ why }) => why).join('; ');
  return { ...finding, risk, raised: { reason, risk: own } };
}

function reasonsFor(
  { rule, risk, relations }: Finding,
  { raise, busyTables, largeTableGiB }: Policy,
  large: string | undefined,
): { risk: Risk; why: string }[] {
  const least = Object.hasOwn(raise, rule) ? raise[rule] : undefined;
  const busy = relations.find(({ name, blocks }) => blocks !== 'nothing' && isNamed(name, busyTables));
  return [
    ...(least ? [{ risk: least, why: `check.raise has ${rule} at ${least}` }] : []),
    ...(large === undefined
      ? []
      : [
          { risk: 'high' as const, why: `${large} is larger than check.largeTableGiB, ${largeTableGiB} GiB` },
        ]),
    ...(busy ? [{ risk: next(risk), why: `${busy.name} is in check.busyTables` }] : []),
  ];
}

const next = (risk: Risk): Risk => risks[risks.indexOf(risk) + 1] ?? risk;

/**
 * The large table that a statement reads, indexes or writes anew while somebody waits for it. What works beside its
 * users, as CONCURRENTLY does, is the safe way whatever the size.
 */
export function largeIn(
  { relations }: Hit,
  effects: Effects | undefined,
  schema: Schema,
  policy: Policy | undefined,
): string | undefined {
  if (policy?.largeTableGiB === undefined || !effects || relations.length === 0) return undefined;
  const limit = policy.largeTableGiB * 2 ** 30;
  return effects.relations.find(({ key, name, lock, rewrites, scans, builds }) => {
    const relation = schema.relations.get(key);
    const works = rewrites || scans || builds > 0;
    const waits = locked(name, lock).blocks !== 'nothing';
    return works && waits && relation && !relation.isNew && (relation.bytes ?? 0) > limit;
  })?.name;
}

/** A name without a schema is meant in any: better a table too many than one too few. */
function isNamed(name: string, patterns: readonly string[]): boolean {
  const parts = partsOf(name);
  return patterns.some((pattern) => {
    const wanted = partsOf(pattern);
    const both = Math.min(parts.length, wanted.length);
    return wanted.slice(-both).every((part, i) => fits(parts.slice(-both)[i] ?? '', part));
  });
}

const partsOf = (name: string): string[] => (name.match(/"(?:[^"]|"")*"|[^.]+/g) ?? []).map(inCatalog);

const fits = (text: string, pattern: string): boolean =>
  new RegExp(`^${literally(pattern).replaceAll('\\*', '.*')}$`, 's').test(text);
