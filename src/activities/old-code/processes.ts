import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { processesHere, tellsProcesses, type HostProcess } from '../../adapters/processes.js';
import { foundOr, when, type Looked } from '../../domain/old-code.js';
import { literally } from '../../domain/pattern.js';
import { count } from '../../domain/units.js';
import type { OldCodeAsked } from './asked.js';

const SOURCE = 'processes';
/** People look around in a folder; what their shell has started is a process of its own. */
const SHELLS = /^-?(ba|z|fi|da|k|c)?sh$/;
const VIEWERS = /^(tmux.*|screen|n?vim?|nano|emacs|less|more|tail|git|ssh|sshd)$/;

/** Processes of this host that run from the folder of another release, where each release has a folder of its own. */
export async function lookAtProcesses({ target, release, later }: OldCodeAsked): Promise<Looked> {
  const { project } = target.settings.alembic;
  if (!project.includes('{release}'))
    return missing('the settings do not tell where a release runs (alembic.project has no {release})');
  if (!tellsProcesses) return missing('this system does not tell where its processes run');
  const inFolder = await releaseIn(resolve(target.config.folder, project));
  const newer = new Set([release, ...later.map((each) => each.release)]);
  const all = await processesHere();
  const own = descendants(all, process.pid);
  const found = all
    .filter(({ pid, name }) => !own.has(pid) && !VIEWERS.test(name))
    .flatMap((each) => {
      const { name, folder, arguments: given } = each;
      if (given.some((text) => text.includes('lockkeeper'))) return [];
      const of = [SHELLS.test(name) ? '' : (folder ?? ''), ...given].map(inFolder).find(Boolean);
      return of ? [{ ...each, of }] : [];
    });
  const older = found.filter(({ of }) => !newer.has(of));
  const hidden = all.filter(({ folder }) => folder === null).length;
  const unseen = hidden
    ? `; the folder of ${count(hidden, 'process')} of other users is not shown to this one`
    : '';
  return foundOr(
    older.map(({ pid, name, of, since }) => ({
      source: SOURCE,
      says: `process ${pid} (${name}) runs from the folder of ${of}, since ${when(since)}`,
      holds: false,
      next: [`kill ${pid}`],
    })),
    {
      source: SOURCE,
      says: `no process of this host runs from the folder of another release; ${found.length} from that of ${release} or later${unseen}`,
      holds: true,
    },
  );
}

const missing = (why: string): Looked => ({ evidence: [], missing: [`${SOURCE}: ${why}`] });

/** @param template - a path with `{release}` in it @returns what tells which release a path belongs to */
async function releaseIn(template: string): Promise<(path: string) => string | undefined> {
  const parts = template.split(sep);
  const at = parts.findIndex((part) => part.includes('{release}'));
  const [before = '', after = ''] = parts[at]!.split('{release}');
  const folder = parts.slice(0, at).join(sep) || sep;
  const real = await realpath(folder).catch(() => folder);
  const roots = [...new Set([folder, real])].map(literally).join('|');
  const path = new RegExp(`^(?:${roots})/${literally(before)}([^/]+?)${literally(after)}(?:/|$)`);
  return (text) => path.exec(text)?.[1];
}

function descendants(all: readonly HostProcess[], root: number): Set<number> {
  const own = new Set([root]);
  for (let size = 0; size < own.size;) {
    size = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return own;
}
