import { fingerprint } from '../adapters/postgres/fingerprint.js';
import { identity, type Identity } from '../adapters/postgres/identity.js';
import { revisions } from '../adapters/postgres/revisions.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import type { Standing, VersionTable } from '../domain/plan.js';
import type { Target } from './home.js';
import { keepSchema } from './plans.js';
import { shortRun } from '../domain/run-id.js';

/** Application names of our sessions: who looks at pg_stat_activity sees which run they belong to. */
export const sessionName = (target: string, work: string, runId?: string): string =>
  `lockkeeper:${target.slice(0, 30)}:${work}${runId ? `:${shortRun(runId)}` : ''}`;

/** Where the target's database stands now: revisions and schema, read by one connection. */
export async function standingOf(
  target: Target,
  versionTable: VersionTable,
  signal: AbortSignal,
): Promise<Standing & { identity: Identity; lines: string[] }> {
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, (client) => standingHere(client, target, versionTable));
}

/** The same of whichever database a session is in. */
export async function standingHere(
  client: Client,
  target: Target,
  versionTable: VersionTable,
): Promise<Standing & { identity: Identity; lines: string[] }> {
  const schema = await fingerprint(client, { versionTable, ignore: target.settings.ignore });
  await keepSchema(target.config.state, schema.hash, schema.lines);
  return {
    identity: await identity(client),
    revisions: await revisions(client, versionTable),
    fingerprint: schema.hash,
    lines: schema.lines,
  };
}

/** The revisions alone, for who does not ask about the schema: reading that takes many times as long. */
export async function revisionsOf(
  target: Target,
  versionTable: VersionTable,
  signal: AbortSignal,
): Promise<{ identity: Identity; revisions: string[] }> {
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, async (client) => ({
    identity: await identity(client),
    revisions: await revisions(client, versionTable),
  }));
}

/** Whether two sets of revisions are the same, whatever their order. */
export const sameRevisions = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();
