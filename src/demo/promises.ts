import type { RunRecord } from '../domain/record.js';
import type { HealthSeen } from './health-watch.js';
import type { Shopped } from './load.js';
import type { Played } from './play.js';
import { closedOutside, trafficOf, within, type Span } from './traffic.js';

/** All that is known when the story is over. */
export interface Outcome {
  played: readonly Played[];
  shopped: Shopped;
  health: HealthSeen;
  /** Orders that were there before the first shopper came, and those that are there now. */
  seeded: number;
  orders: number;
}

/** From when to when a run has closed the site; null when it did not. */
export function closureOf({ facts }: RunRecord): Span | null {
  const began = facts.find((fact) => fact.kind === 'started' && fact.step === 'maintenance on');
  const ended = facts.find(
    (fact) =>
      (fact.kind === 'finished' && fact.step === 'maintenance off') ||
      (fact.kind === 'undone' && fact.undo === 'maintenance off'),
  );
  return began && ended ? { from: Date.parse(began.at), to: Date.parse(ended.at) } : null;
}

/** What did not come out as promised, in words; empty when all did. */
export function brokenPromises({ played, shopped, health, seeded, orders }: Outcome): string[] {
  const { failed } = trafficOf(shopped.requests);
  const closures = played.flatMap(({ record }) => closureOf(record) ?? []);
  const outside = closedOutside(shopped.requests, closures);
  const placed = seeded + shopped.orders;
  return [
    ...when(failed > 0, `${failed} requests were answered neither 2xx nor 503`),
    ...when(outside.length > 0, `${outside.length} requests were answered 503 while the shop was open`),
    ...when(orders !== placed, `${placed} orders were placed, and ${orders} are there`),
    ...when(health.closed > 0, `/health was closed ${health.closed} times`),
    ...played.flatMap((each) => brokenIn(each, played, shopped)),
  ];
}

function brokenIn(each: Played, played: readonly Played[], { requests }: Shopped): string[] {
  const { part, span, record, before, after } = each;
  const { closed } = trafficOf(within(requests, span));
  const wanted = played.find((other) => other.part.name === part.backTo)?.before;
  const approvers = approversOf(record);
  return [
    ...when(closureOf(record) !== null && closed === 0, `nobody noticed that ${part.name} closed the shop`),
    ...when(after.ordersUnderMark !== before.ordersUnderMark, `${part.name} has changed or lost orders`),
    ...when(wanted && after.schema !== wanted.schema, `${part.name} has left another schema`),
    ...when(wanted && after.revision !== wanted.revision, `${part.name} has left another revision`),
    ...when(
      record.outcome !== 'rejected' && approvers.length < part.approvers.length,
      `${part.name} was approved by ${approvers.join(' and ') || 'nobody'} alone`,
    ),
  ];
}

/** The different people who have approved a run. */
export const approversOf = ({ facts }: RunRecord): string[] => [
  ...new Set(facts.flatMap((fact) => (fact.kind === 'said' && fact.message === 'approve' ? [fact.by] : []))),
];

const when = (is: boolean | undefined, what: string): string[] => (is ? [what] : []);
