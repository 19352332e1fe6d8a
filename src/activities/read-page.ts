import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../domain/plan.js';
import { ambiguousName, noSuchPage, nothingToRead } from '../domain/problems/read.js';
import { badRequest } from '../domain/problems/run.js';
import { noRecord } from '../domain/problems/temporal.js';
import { pagesOf, whyBadRead, type Readable, type ReadPage, type ReadRequest } from '../domain/read.js';
import type { RunRecord } from '../domain/record.js';
import { isRestorePlan } from '../domain/restore.js';
import { summariseRestore } from '../plan/restore.js';
import { checkText } from '../report/check.js';
import { restoreText } from '../report/restore.js';
import { rollbackPlanText } from '../report/rollback.js';
import { runJson } from '../report/run-json.js';
import { runText } from '../report/run.js';
import { sqlText } from '../report/sql.js';
import type { Home } from './home.js';
import { recordsOf } from './records.js';
import { isRun } from '../domain/run-id.js';

/**
 * One page of what the state folder has of a target, named by its hash or its run, for whoever does not have
 * the folder. It only looks, so it may run beside anything.
 *
 * @throws Problem `bad-request`, `no-target`, `nothing-to-read`, `no-record`, `ambiguous-name`, `no-such-page`
 */
export async function readPage(home: Home, request: ReadRequest): Promise<ReadPage> {
  const why = whyBadRead(request);
  if (why) throw badRequest(why);
  const { name, config } = home.target(request.target);
  const { text, of } = await readers[request.what]({ ...request, target: name, state: config.state });
  const pages = pagesOf(text);
  const { page = 1 } = request;
  const found = pages[page - 1];
  if (found === undefined) throw noSuchPage(page, pages.length);
  return { text: found, page, pages: pages.length, of };
}

type Asked = ReadRequest & { state: string };
interface Found {
  text: string;
  of: string;
}
type Reader = (asked: Asked) => Promise<Found>;

/** A file named by the hash of its content. */
const file =
  (folder: string, ending: string): Reader =>
  async ({ state, target, what, hash = '' }) => {
    const names = await readdir(join(state, folder)).catch(() => []);
    const found = names.filter((name) => name.startsWith(hash) && name.endsWith(ending));
    const [only] = found;
    if (only === undefined) throw nothingToRead(target, what, hash);
    if (found.length > 1) throw ambiguousName(what, hash, found.length);
    return { text: await readFile(join(state, folder, only), 'utf8'), of: only.slice(0, -ending.length) };
  };

/** A plan of this target; of another target's it is not told that there is one. */
const plan =
  (show: (plan: Plan, text: string) => string): Reader =>
  async (asked) => {
    const { text, of } = await file('plans', '.json')(asked);
    const found = JSON.parse(text) as Plan;
    if (found.target !== asked.target) throw nothingToRead(asked.target, asked.what, asked.hash ?? '');
    return { text: show(found, text), of };
  };

const record =
  (show: (record: RunRecord) => string): Reader =>
  async ({ state, target, what, run }) => {
    const all = await recordsOf(state, target);
    const found = run ? all.filter(({ runId }) => isRun(runId, run)) : all.slice(0, 1);
    const [only] = found;
    if (only === undefined) throw noRecord(target, run);
    if (found.length > 1) throw ambiguousName(what, run ?? '', found.length);
    return { text: show(only), of: only.runId };
  };

const readers: Record<Readable, Reader> = {
  check: plan((found) =>
    isRestorePlan(found)
      ? restoreText(summariseRestore(found, null))
      : found.back
        ? rollbackPlanText(found)
        : checkText(found),
  ),
  plan: plan((_, text) => text),
  sql: plan((found) => (isRestorePlan(found) ? '-- a restore runs no SQL of yours\n' : sqlText(found))),
  rehearsal: file('rehearsals', '.json'),
  revision: file('revisions', '.py'),
  schema: file('schemas', '.txt'),
  report: record(runText),
  record: record((found) => JSON.stringify(runJson(found), null, 1)),
};
