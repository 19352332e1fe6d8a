import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { applyRows } from '../../../src/activities/restore-apply.js';
import { checkRestore } from '../../../src/activities/restore-check.js';
import { lostFolder } from '../../../src/activities/restore-lost.js';
import { proveBackup } from '../../../src/activities/restore-prove.js';
import { swapIn } from '../../../src/activities/restore-swap.js';
import { tidy } from '../../../src/activities/tidy.js';
import type { Work } from '../../../src/activities/work.js';
import { databases, onServer, withDatabase } from '../../../src/adapters/postgres/databases.js';
import { binFolder, oneValue, run } from '../backup/support.js';
import { check, type FaultCase, ids, proved, rows, session } from './fault-cases.js';
import { die, nameOf, type Prepared, problem, work } from './support.js';

/** Who is killed: the worker with -9, or its sessions by the server. */
const victims = ['workers', 'sessions'] as const;
type Victim = (typeof victims)[number];

const disaster = ({ project }: Prepared) =>
  run(project.url, 'DELETE FROM orders WHERE id > 900; UPDATE orders SET total = 0 WHERE id <= 10');
const contents = ({ project }: Prepared) =>
  oneValue(project.url, `SELECT md5(string_agg(o::text, ',' ORDER BY o.id)) FROM orders o`);

/** Does something whose worker, or whose sessions, die when a word is told; sees that it did not come to an end. */
async function killed(
  { project }: Prepared,
  victim: Victim,
  dieAt: string,
  how: { doomed: object; act: (work: Work) => Promise<unknown> },
): Promise<void> {
  const { url, target } = project;
  if (victim === 'workers') return die({ dieAt, url, ...how.doomed });
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lockkeeper:${target.slice(0, 30)}%'`;
  const psql = join(await binFolder(), 'psql');
  let ended = false;
  const progress = (text: string) => {
    if (ended || !text.startsWith(dieAt)) return;
    ended = true;
    // This process waits for it: nothing goes on meanwhile.
    execFileSync(psql, ['-Xqt', '-c', end, withDatabase(url, 'postgres')]);
  };
  const failed = await problem(how.act(work({ progress })));
  if (!failed.told.retry) throw failed;
}

const settingsOf = ({ project }: Prepared) => project.path('lockkeeper.yaml');

const proving = (prepared: Prepared, input: { planHash: string; target: string; runId: string }) => ({
  doomed: { prove: { settings: settingsOf(prepared), input } },
  act: (each: Work) => proveBackup(prepared.home, input, each),
});

const exporting = (victim: Victim): FaultCase => ({
  row: 23,
  name: `its ${victim} are killed while lost rows are written into files: the next attempt writes them, once and whole`,
  async act(prepared) {
    await disaster(prepared);
    const step = { ...ids(prepared), planHash: (await check(prepared)).planHash };
    await killed(prepared, victim, 'comparing row by row', proving(prepared, step));
    const { findings } = await proveBackup(prepared.home, step, work({ attempt: 2 }));
    expect(findings).toContain('110 rows in 1 table: 10 changed, 100 deleted since');
    await tidy(prepared.home, { ...ids(prepared) }, work());
    expect(await readdir(lostFolder(prepared.home.target()))).toEqual([step.runId]);
    expect(await rows(prepared)).toBe(900);
  },
});

const applying = (victim: Victim): FaultCase => ({
  row: 23,
  name: `its ${victim} are killed while rows are put in again: all or none of them are in, and once`,
  async act(prepared) {
    const { target } = prepared.project;
    await disaster(prepared);
    const was = await contents(prepared);
    await swapIn(prepared.home, await proved(prepared), work());
    const restored = await contents(prepared);
    const [lost = ''] = await readdir(lostFolder(prepared.home.target()));
    const request = { lost, dryRun: false, leaveConflicts: false };
    const apply = (each: Work) => applyRows(prepared.home.target(), request, each);
    await killed(prepared, victim, 'putting rows into', {
      doomed: { apply: { settings: settingsOf(prepared), target, lost } },
      act: apply,
    });
    expect(await contents(prepared)).toBe(restored);
    expect((await apply(work())).applied).toMatchObject({ rows: 110, conflicting: 0 });
    expect(await contents(prepared)).toBe(was);
  },
});

const opening = (victim: Victim): FaultCase => ({
  row: 27,
  name: `its ${victim} are killed in the database that was put aside: it is closed again, and can be swapped back`,
  async act(prepared) {
    const { home, project } = prepared;
    await disaster(prepared);
    await swapIn(home, await proved(prepared), work());
    const undo = { target: project.target, runId: 'undo1', undo: true, untilClosed: false };
    const { planHash } = await checkRestore(home, undo, work());
    const step = { target: project.target, runId: 'undo1', planHash };
    await killed(prepared, victim, 'comparing row by row', proving(prepared, step));
    const kept = async () =>
      (await onServer(project.url, session, databases)).filter(
        ({ marker }) => marker?.of === nameOf(project.url),
      );
    expect(await kept()).toMatchObject([{ open: victim === 'workers' }]);
    await tidy(home, { target: project.target, runId: 'undo1' }, work());
    expect(await kept()).toMatchObject([{ open: false }]);
    const final = await proveBackup(home, step, work({ attempt: 2 }));
    await swapIn(home, { ...step, planHash: final.planHash }, work());
    expect(await rows(prepared)).toBe(900);
  },
});

/** Kills at what the other tests do not kill at. */
export const killCases: readonly FaultCase[] = [exporting, applying, opening].flatMap((made) =>
  victims.map(made),
);
