import {
  clientSessions,
  type ClientSession,
  type ClientSessions,
} from '../../adapters/postgres/client-sessions.js';
import type { Client } from '../../adapters/postgres/client.js';
import { foundOr, when, type Looked, type OldCodeEvidence } from '../../domain/old-code.js';
import { count } from '../../domain/units.js';
import type { OldCodeAsked } from './asked.js';

/** What people look around with, and what watches a server. Whatever else is connected may be code of the application. */
const TOOLS =
  /^(psql|pg_dump|pg_dumpall|pg_restore|pg_basebackup|pg_receivewal|pgAdmin|DBeaver|DataGrip|postgres_exporter|pgwatch|pganalyze|datadog-agent|check_postgres)/i;

const SOURCE = 'sessions';

/**
 * Sessions that were opened before the release was deployed, also those that a pool keeps idle; and those from hosts where
 * nothing of the release runs.
 *
 * @param addresses - of the release's containers; null: where it runs is not known
 */
export async function lookAtSessions(
  client: Client,
  asked: OldCodeAsked,
  addresses: readonly string[] | null,
): Promise<Looked> {
  const seen = await clientSessions(client, asked.began);
  const code = seen.sessions.filter(({ applicationName }) => !TOOLS.test(applicationName));
  const older = code.filter(({ isOlder }) => isOlder);
  const since = when(asked.began);
  const tools = seen.sessions.length - code.length;
  const spared = tools ? `; ${count(tools, 'session')} of tools such as psql do not count` : '';
  const none = `none of ${count(code.length, 'session')} was opened before ${since}${spared}`;
  const looked = foundOr(
    poolsOf(older).map((pool) => tellOlder(pool, asked)),
    { source: SOURCE, says: none, holds: true },
  );
  const strange = poolsOf(strangers(code, seen, addresses)).map((pool) => tellStranger(pool, asked));
  if (!seen.hidden.length) return { evidence: [...looked.evidence, ...strange], missing: [] };
  // Of what is shown nothing follows for what is not.
  const against = [...looked.evidence.filter(({ holds }) => !holds), ...strange];
  return { evidence: against, missing: [hiddenText(seen)] };
}

const hiddenText = ({ hidden, ownRole }: ClientSessions): string =>
  `${SOURCE}: those of ${hidden.join(', ')} are not shown to ${ownRole}: GRANT pg_read_all_stats TO ${ownRole}`;

/** Sessions of one application from one host, the oldest first: it is one thing to stop. */
type Pool = readonly [ClientSession, ...ClientSession[]];

function poolsOf(sessions: readonly ClientSession[]): Pool[] {
  const pools = new Map<string, [ClientSession, ...ClientSession[]]>();
  for (const session of sessions) {
    const key = JSON.stringify([session.applicationName, session.role, session.address]);
    const pool = pools.get(key);
    if (pool) pool.push(session);
    else pools.set(key, [session]);
  }
  return [...pools.values()];
}

function who([oldest, ...others]: Pool): string {
  const { pid, applicationName, role, address } = oldest;
  const whose = `${applicationName || 'without a name'} (role ${role}${address === null ? '' : `, ${address}`})`;
  return others.length
    ? `${others.length + 1} sessions, the oldest pid ${pid}, ${whose}`
    : `pid ${pid}, ${whose}`;
}

function tellOlder(pool: Pool, { release }: OldCodeAsked): OldCodeEvidence {
  const [{ state, since }, ...others] = pool;
  const before = release === null ? 'before the deploy' : `before ${release} was deployed`;
  const connected = others.length
    ? `have been connected since ${when(since)} or later`
    : `${state || 'connected'}, has been connected since ${when(since)}`;
  return {
    source: SOURCE,
    says: `${who(pool)}, ${connected}, ${before}`,
    holds: false,
    next: [stopIt(pool[0])],
  };
}

/** Ending the session would help nobody: its process would open another one, which looks new. */
function stopIt({ address, port }: ClientSession): string {
  const ask = address === null ? `lsof -U on the server's host` : `on ${address}: ss -tnp 'sport = :${port}'`;
  return `stop the process that holds it (${ask}); where that is a pooler: RECONNECT`;
}

/** From neither where the release runs nor where we are. */
function strangers(
  sessions: readonly ClientSession[],
  { ownAddress }: ClientSessions,
  addresses: readonly string[] | null,
): ClientSession[] {
  if (!addresses) return [];
  const known = [...addresses, ownAddress];
  return sessions.filter(
    ({ address, isOlder }) =>
      !isOlder && address !== null && !known.includes(address) && !/^(127\.|::1$)/.test(address),
  );
}

function tellStranger(pool: Pool, { release }: OldCodeAsked): OldCodeEvidence {
  const [{ since, port }, ...others] = pool;
  return {
    source: 'hosts',
    says: `${who(pool)} ${others.length ? 'are' : 'is'} connected from a host where no container of ${release} runs, since ${when(since)}`,
    holds: false,
    next: [`look what it is (ss -tnp 'sport = :${port}' there), and stop it if it is old`],
  };
}
