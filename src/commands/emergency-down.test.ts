import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SettingsHome } from '../../test/support/settings-home.js';
import { keepPlan } from '../activities/plans.js';
import type { Plan } from '../domain/plan.js';
import { emergencyDataLoss } from './emergency-data-loss.js';
import { emergencyFix } from './emergency-fix.js';
import { emergencyStatus } from './emergency-status.js';
import type { Io } from './io.js';
// What commands load late, several at once: jest links a module that two ask for at a time only if it is there already.
import '../activities/closures.js';
import '../activities/hand.js';
import '../activities/look.js';
import '../activities/watch-database.js';
import '../plan/losses.js';

/** Nothing listens there: neither PostgreSQL nor Temporal. */
const NOWHERE = '127.0.0.1:9';
const RUN = '01a218d0-9038-7d62-bf57-28f1e9dc2171';
const at = '2026-11-26T17:04:40.000Z';

let home: SettingsHome;
const address = process.env['TEMPORAL_ADDRESS'];
beforeAll(() => {
  process.env['TEMPORAL_ADDRESS'] = NOWHERE;
});
afterAll(() => {
  if (address === undefined) delete process.env['TEMPORAL_ADDRESS'];
  else process.env['TEMPORAL_ADDRESS'] = address;
});
beforeEach(async () => {
  await writeFile(
    join((home = await SettingsHome.make()).folder, 'url'),
    `postgresql://shop@${NOWHERE}/shop`,
  );
  await home.write({ database: { url: 'file:url' } });
  const logs = join(home.folder, '.lockkeeper', 'logs', RUN);
  await mkdir(logs, { recursive: true });
  const lines = (...all: object[]) => all.map((each) => `${JSON.stringify(each)}\n`).join('');
  const doing = { run: 'deploy', step: 'migrate' };
  const known = {
    procedure: 'low-risk',
    revisions: [],
    from: ['0001'],
    to: ['0002'],
    rollback: [],
    standing: { fingerprint: 'f' },
  };
  const plan = {
    ...known,
    planHash: 'a'.repeat(64),
    versionTable: { name: 'alembic_version', schema: null },
  };
  await keepPlan(join(home.folder, '.lockkeeper'), plan as unknown as Plan);
  await writeFile(
    join(logs, 'journal.jsonl'),
    lines({ at, target: 'shop', step: 'upgrade', attempt: 1, doing, planHash: plan.planHash, kind: 'began' }),
  );
  await writeFile(
    join(logs, 'migrate.log'),
    lines(
      { at, event: 'log', target: 'shop', step: 'migrate' },
      { at, event: 'statement', sql: 'alter table orders add note text', ms: 12 },
    ),
  );
});
afterEach(() => home.remove());

type Command = (target: string, options: object, io: Io) => Promise<number>;
async function told(command: Command, options: object = {}): Promise<{ code: number | string; out: string }> {
  const lines: string[] = [];
  const say = (text: string) => void lines.push(text);
  const io: Io = { json: false, interactive: false, out: say, say };
  const code = await command('shop', { config: home.file, ...options }, io).catch(
    (error: { code?: string; stack?: string }) => error.code ?? String(error.stack),
  );
  return { code, out: lines.join('\n') };
}

describe('with neither PostgreSQL nor Temporal', () => {
  it('status tells what the state folder knows, and of all else why it is not known', async () => {
    const { code, out } = await told(emergencyStatus);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Run +deploy e9dc2171 stands in the middle of migrate .*left to do: put the schema back/m,
    );
    expect(out).toMatch(/^Temporal +Temporal does not answer at 127\.0\.0\.1:9/m);
    expect(out).toMatch(/^alembic_version +not known: .*127\.0\.0\.1:9/m);
    expect(out).toMatch(/^Database: not known: .*127\.0\.0\.1:9/m);
    expect(out).toMatch(
      /^Migration log: .*migrate\.log\n.*migrate begins\n.*12 ms +alter table orders add note text/m,
    );
    expect(out).toContain('lockkeeper explain shop');
  }, 60_000);

  it('fix settles nothing, and says what it could not look at', async () => {
    const { code, out } = await told(emergencyFix);
    expect(code).toBe(4);
    expect(out).toMatch(/^where the database stands is not known: .*127\.0\.0\.1:9/m);
    expect(out).toContain('nothing can be settled before it answers');
  }, 60_000);

  it('data-loss stops what it can, lists the backups; a restore is refused, and reported', async () => {
    const list = await told(emergencyDataLoss);
    expect(list).toMatchObject({ code: 3, out: expect.stringContaining('There is no backup of shop') });
    expect(list.out).toMatch(/^LEFT +cancel the run: .*Run e9dc2171 is kept from doing anything more/m);
    const { code, out } = await told(emergencyDataLoss, { backup: 'latest' });
    expect(code).toBe('temporal-unreachable');
    expect(out).toContain("lockkeeper restore shop --backup latest --to '${OTHER_DATABASE_URL}'");
    expect(out).toMatch(/^Report, to be completed: .*recoveries\/shop-.*\.md$/m);
  }, 90_000);
});
