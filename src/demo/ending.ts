import { duration } from '../domain/units.js';
import { RATE } from './load.js';
import { webUi, type DemoPlace } from './place.js';
import type { Played } from './play.js';
import type { Outcome } from './promises.js';
import { paragraph } from './prose.js';
import { trafficOf } from './traffic.js';

/** What the database and the customers' own log say, for whoever does not believe the record. */
export function proofText({ played, shopped, health, seeded, orders }: Outcome): string {
  const { ok, closed, failed } = trafficOf(shopped.requests);
  const first = shopped.requests[0]?.at ?? 0;
  const ms = (shopped.requests.at(-1)?.at ?? first) - first;
  return [
    paragraph("Looked up in the database and in the customers' own log, not in Lockkeeper's record:"),
    ...played.filter(({ part }) => part.backTo).flatMap(backText),
    `  orders      ${grouped(orders)} are there: ${grouped(seeded)} of before, and all ${grouped(shopped.orders)} that were`,
    '              taken meanwhile',
    `  requests    ${grouped(ok + closed + failed)} in ${duration(ms)}, ${RATE} a second: ${failed} failed,`,
    '              and 503 only while the shop was closed',
    `  /health     asked ${grouped(health.asked)} times: ${grouped(health.ok)} times 200, never the maintenance page`,
  ].join('\n');
}

function backText({ part, after }: Played): string[] {
  const [count = '', sum = ''] = after.ordersUnderMark.split(', ');
  return [
    `  ${part.name.padEnd(12)}at ${after.revision}, schema ${after.schema.slice(0, 12)}, as before ${part.backTo === part.name ? 'it' : part.backTo};`,
    `              ${grouped(Number(count))} orders, worth ${Number(sum).toLocaleString('en-US')}, unchanged`,
  ];
}

const grouped = (n: number): string => n.toLocaleString('en-US');

/** Where to look on. */
export function whereText(place: DemoPlace, keep: boolean): string {
  const { home } = place;
  if (!keep)
    return [
      `The reports of all runs are in ${home}/.lockkeeper/records/shop/`,
      paragraph(
        "All of it is stopped now. lockkeeper demo --keep leaves it running, to try commands and Temporal's " +
          'Web UI; with --interactive you are the one who approves.',
      ),
    ].join('\n');
  return [
    `Temporal's Web UI: ${webUi(place)}`,
    'All of it goes on. Try:',
    `  cd ${home}`,
    '  npx lockkeeper status shop           npx lockkeeper report shop',
    '  npx lockkeeper maintenance on shop   npx lockkeeper maintenance off shop',
    '  npx lockkeeper check shop --release r8',
    '  sh stop.sh                           stops it all',
  ].join('\n');
}
