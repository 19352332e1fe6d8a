import { createHash } from 'node:crypto';

/**
 * Stories that `npm test` tells in turns: each run draws as many of these files as there is time for, `npm run test:matrix`
 * runs all of them. They go into the depth of what other files, which always run, hold in their main lines: the Web UI's
 * test takes an application through approvals, compose's through a deploy and back, a kill's sample through a run of very
 * high risk. All of them, told each time, would take an hour on two cores.
 *
 * By name: about how many seconds one takes beside the others.
 */
export const SECONDS = {
  'end-to-end/another-host': 41,
  'end-to-end/backfill': 40,
  'end-to-end/bad-input': 85,
  'end-to-end/bad-run': 90,
  'end-to-end/blocked': 145,
  'end-to-end/check-again': 18,
  'end-to-end/check-offline': 18,
  'end-to-end/check-policy': 49,
  'end-to-end/check-sql': 13,
  'end-to-end/ci-examples': 20,
  'end-to-end/closed': 110,
  'end-to-end/compose-bad-input': 135,
  'end-to-end/compose-bad-nginx': 180,
  'end-to-end/compose-bad-start': 225,
  'end-to-end/compose-by-hand': 75,
  'end-to-end/compose-disk-full': 85,
  'end-to-end/compose-risks': 200,
  'end-to-end/compose-rollback': 200,
  'end-to-end/demo': 190,
  'end-to-end/emergency': 120,
  'end-to-end/faults': 60,
  'end-to-end/interrupt': 41,
  'end-to-end/kills-cancel': 51,
  'end-to-end/kills-closed': 59,
  'end-to-end/kills-nginx': 25,
  'end-to-end/kills-one-at-a-time': 57,
  'end-to-end/kills-repair': 55,
  'end-to-end/kills-servers': 69,
  'end-to-end/limits': 90,
  'end-to-end/maintenance': 85,
  'end-to-end/package': 60,
  'end-to-end/people': 80,
  'end-to-end/phases': 140,
  'end-to-end/phases-shop': 300,
  'end-to-end/restore': 100,
  'end-to-end/restore-lost': 62,
  'end-to-end/rollback': 40,
  'end-to-end/rollback-cut-off': 70,
  'end-to-end/schedules': 95,
  'end-to-end/schedules-faults': 55,
  'end-to-end/scripts': 65,
  'end-to-end/temporal-cli': 80,
  'end-to-end/twin': 60,
  'end-to-end/web-ui-more': 50,
  'end-to-end/whole-demo': 190,
  'end-to-end/worker-away': 78,
  'services/alembic/bad-projects': 53,
  'services/alembic/drivers': 85,
  'services/alembic/granted': 15,
  'services/alembic/hostile': 18,
  'services/alembic/inspect': 20,
  'services/alembic/kept': 86,
  'services/alembic/kills-matrix': 30,
  'services/alembic/look-first': 87,
  'services/alembic/look-first-holders': 48,
  'services/alembic/look-first-lost': 69,
  'services/alembic/look-first-matrix': 58,
  'services/backfill/fill': 25,
  'services/backfill/function': 20,
  'services/backfill/function-in-container': 60,
  'services/backfill/kills': 20,
  'services/backup/claim': 32,
  'services/backup/not-restorable': 37,
  'services/backup/verify-copy': 20,
  'services/closure/close-and-open': 83,
  'services/closure/writers': 32,
  'services/compose/by-compose': 55,
  'services/compose/engine-gone': 25,
  'services/compose/swap': 40,
  'services/keepsakes/bridge': 16,
  'services/old-code/containers': 30,
  'services/old-code/sessions': 25,
  'services/phases/back': 40,
  'services/phases/days': 110,
  'services/phases/constrain-by-hand': 25,
  'services/phases/phases': 60,
  'services/phases/prepared': 10,
  'services/phases/shop': 60,
  'services/postgres/catalog': 12,
  'services/postgres/catalog-versions': 22,
  'services/postgres/schema-model': 41,
  'services/rehearse/cells': 25,
  'services/rehearse/isolation': 80,
  'services/rehearse/private-server': 70,
  'services/rehearse/rehearse': 60,
  'services/rehearse/surprises': 82,
  'services/rehearse/template': 15,
  'services/rehearse/voided': 20,
  'services/restore/closed-backup': 60,
  'services/restore/restore-beside': 20,
  'services/restore/restore-run': 75,
  'services/restore/swap': 69,
  'services/restore/tidy': 26,
  'services/rules/locks': 32,
  'services/shop/releases': 66,
  'services/shop/shop': 64,
  'services/stack/as-root': 30,
  'services/stack/provision': 11,
  'services/stack/up-and-down': 13,
  'services/store/lying-store': 18,
};

export const NAMES = Object.keys(SECONDS);

/** So many files run beside each other. */
const AT_A_TIME = 3;

/**
 * How much of these stories there is time for. A machine may be half as fast as another: it tells fewer of them, and
 * ends as early.
 *
 * @param left - seconds until all is to be over
 * @param slowness - how many times as long as on the machine of {@link SECONDS} the tests before have taken
 * @returns seconds of {@link SECONDS}
 */
export const secondsFor = (left, slowness) => Math.max(0, Math.floor((left * AT_A_TIME) / slowness));

/**
 * @param seed - the same draws the same
 * @param seconds - of {@link SECONDS}, all together: none of them takes longer than its share of them
 * @returns the names of the files that are told this time
 */
export function drawn(seed, seconds) {
  const lot = (name) => createHash('sha256').update(`${seed} ${name}`).digest('hex');
  const shuffled = NAMES.map((name) => ({ name, lot: lot(name) })).sort((a, b) => (a.lot < b.lot ? -1 : 1));
  let left = seconds;
  const fits = (name) => SECONDS[name] <= Math.min(left, seconds / AT_A_TIME);
  const chosen = [];
  for (const { name } of shuffled) {
    if (!fits(name)) continue;
    chosen.push(name);
    left -= SECONDS[name];
  }
  return chosen;
}

/** As jest's `testPathIgnorePatterns` wants them. */
export const patterns = (names) => names.map((name) => `/test/${name}\\.test\\.ts$`);
