import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readManifest } from '../adapters/backup/files.js';
import type { Backup } from '../domain/backup.js';
import { writesFlag } from '../domain/closure.js';
import { reachOf, type Hand, type HandSettings } from '../domain/hand.js';
import { keepsakesWait, leftToDo, type Way } from '../domain/left-to-do.js';
import type { Plan } from '../domain/plan.js';
import { isRestorePlan } from '../domain/restore.js';
import { handText, type HandText } from '../report/hand/text.js';
import { doneMark } from './by-hand-mark.js';
import { closureIfAny } from './closed-where.js';
import type { ClosureSettings } from './closure-settings.js';
import type { Target } from './home.js';
import { readPlan } from './plans.js';
import { keptName } from './restore-options.js';
import { stoodOf } from './stood.js';
import { shortRun } from '../domain/run-id.js';

/**
 * All that the state folder and the settings know of what is left to do of a target's run. Needs neither Temporal
 * nor the database.
 *
 * @returns null where no run is known
 */
export async function handOf(target: Target): Promise<Hand | null> {
  const stood = await stoodOf(target);
  if (!stood) return null;
  const { state } = target.config;
  const plan = stood.planHash ? await readPlan(state, stood.planHash).catch(() => null) : null;
  const deployed = plan && !isRestorePlan(plan) ? plan : null;
  return {
    stood,
    settings: await handSettings(target),
    plan,
    backup: stood.backup && (await backupOf(stood.backup, stood.runId)),
    doneAt: await timeOf(doneMark(state, stood.runId)),
    removes: await removedBy(deployed),
  };
}

/** The same as text: the commands of one way. @returns null where no run is known */
export async function explainRun(
  target: Target,
  way: Way,
): Promise<(HandText & { runId: string; says: string }) | null> {
  const hand = await handOf(target);
  if (!hand) return null;
  const { runId, kind, says } = hand.stood;
  const text = handText(hand, way);
  const waits = keepsakesWait(hand.stood, reachOf(hand.plan))
    ? `; what was kept is not back: lockkeeper rollback ${target.name} puts it back`
    : '';
  const open = text.isOpen ? `; left to do: ${text.todo.join(', then ')}` : '; nothing is open';
  return { ...text, runId, says: `${kind ?? 'run'} ${shortRun(runId)} stands ${says}${waits}${open}` };
}

/** Whether a person must do something by hand, or the run itself when it goes on. */
export const isOpen = ({ stood, plan, doneAt }: Hand): boolean =>
  !doneAt && !('nothing' in leftToDo(stood, reachOf(plan), 'put-back'));

async function backupOf(backup: Backup, runId: string): Promise<Hand['backup']> {
  const manifest = await readManifest(backup.manifest).catch(() => undefined);
  if (!manifest) return null;
  const { name } = manifest.database;
  return { ...backup, database: name, keepAs: keptName(name, manifest.startedAt, runId) };
}

async function removedBy(plan: Plan | null): Promise<Hand['removes']> {
  const { lossesOf } = await import('../plan/losses.js');
  const all = await Promise.all(
    (plan?.revisions ?? []).map(async ({ downSql }) =>
      downSql ? lossesOf(downSql, plan?.versionTable.name).catch(() => null) : null,
    ),
  );
  return {
    tables: all.flatMap((each) => each?.tables ?? []),
    columns: all.flatMap((each) => each?.columns ?? []),
  };
}

const timeOf = (path: string): Promise<string | null> =>
  stat(path).then(
    ({ mtime }) => mtime.toISOString(),
    () => null,
  );

async function handSettings(target: Target): Promise<HandSettings> {
  const { name, settings, config } = target;
  const { alembic, backup, release, health } = settings;
  const closure = await closureIfAny(target);
  const { python, container } = alembic;
  return {
    target: name,
    folder: config.folder,
    state: config.state,
    databaseUrl: settings.database.url,
    tools: backup.tools ? resolve(config.folder, backup.tools) : null,
    alembic: {
      python: typeof python === 'string' ? [python] : python,
      project: container ? alembic.project : resolve(config.folder, alembic.project),
      config: alembic.config,
      environment: alembic.environment,
    },
    deploy: deployOf(target),
    container: containerOf(target),
    running: release.running ?? null,
    healthUrl: health?.url ?? null,
    closure: closure && closedBy(closure),
    verify: checksOf(target),
  };
}

const containerOf = ({ settings: { alembic } }: Target): HandSettings['container'] => {
  const { service = null, network = 'host', image = null } = alembic.container ?? {};
  return alembic.container ? { service, network, image } : null;
};

const closedBy = (closure: ClosureSettings): HandSettings['closure'] => ({
  flag: closure.flag,
  files: [closure.flag, writesFlag(closure.flag), closure.page, `${closure.page}.ko`],
  url: closure.url,
  start: closure.start,
  open: closure.switch.open,
  back: closure.snapshot?.back ?? [],
});

const listOf = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one]) as readonly T[];

function deployOf({ settings: { deploy } }: Target): HandSettings['deploy'] {
  if (!deploy) return null;
  const { commands = [], environment, compose } = deploy;
  if (!compose) return { commands, environment, compose: null };
  const tool = compose.command === undefined ? ['docker', 'compose'] : listOf(compose.command);
  const project = compose.project ? ['--project-name', compose.project] : [];
  const files = listOf(compose.file).flatMap((file) => ['--file', file]);
  const all = { command: [...tool, ...project, ...files], services: listOf(compose.services) };
  return { commands, environment, compose: all };
}

const checksOf = ({ settings: { verify } }: Target): HandSettings['verify'] =>
  verify.map(({ name, sql, value, rows, command, unchanged }) => ({
    ...{ name, sql, rows, command, unchanged: unchanged ?? false },
    value: value === undefined ? undefined : String(value),
  }));
