import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../adapters/disk.js';
import { withClient } from '../../adapters/postgres/client.js';
import { noteCalls, type CallsNoted } from '../../adapters/postgres/statements.js';
import type { Noted, RunInput } from '../../domain/steps.js';
import type { Home, Target } from '../home.js';
import { sessionName } from '../standing.js';
import type { Work } from '../work.js';

/** As many deploys may come between a change's deploy and its end. */
const KEPT = 30;

const folderOf = ({ config, name }: Target): string => join(config.state, 'statements', name);

/**
 * Notes in the state folder how often each statement of the database has been run until now, where `pg_stat_statements`
 * counts. Called when a deploy is over: what old code still sends is told later by what has become more.
 *
 * @throws Problem of withClient
 */
export async function noteStatements(
  home: Home,
  { target: wanted, runId }: RunInput,
  work: Work,
): Promise<Noted> {
  const target = home.target(wanted);
  const options = { applicationName: sessionName(target.name, 'look', runId), signal: work.signal };
  const noted = await withClient(target.url(), options, noteCalls);
  if (typeof noted === 'string') return { note: `pg_stat_statements: ${noted}` };
  await keepNoted(target, noted);
  return { note: `${Object.keys(noted.calls).length} statements noted` };
}

export async function keepNoted(target: Target, noted: CallsNoted): Promise<void> {
  const folder = folderOf(target);
  await writeAtomically(join(folder, `${noted.at.replaceAll(':', '')}.json`), JSON.stringify(noted));
  const old = (await namesIn(folder)).slice(0, -KEPT);
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
}

/** All that was noted of a target, the oldest first. What cannot be read is left out. */
export async function allNoted(target: Target): Promise<CallsNoted[]> {
  const folder = folderOf(target);
  const all = await Promise.all(
    (await namesIn(folder)).map((name) =>
      readFile(join(folder, name), 'utf8')
        .then((text) => JSON.parse(text) as CallsNoted)
        .catch(() => null),
    ),
  );
  return all.filter((each) => each !== null);
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
