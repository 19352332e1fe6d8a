import type { Plan, VersionTable } from '../domain/plan.js';
import { tooLarge } from './automatic.js';
import { shortId, type PlannedImage } from '../domain/image.js';
import { canonical } from './canonical.js';
import type { ComparedFacts, PendingRevision } from './facts.js';
import { pendingOf } from './facts.js';

/**
 * What facts gathered again have that the approved plan was not made of; empty where it still holds.
 * Each line names the field, and the values where they are no secret.
 */
export function differences(planned: Plan, now: ComparedFacts): string[] {
  return [
    ...changed('target', planned.target, now.target),
    ...changed('release', planned.release, now.release),
    ...changed('running release', planned.running ?? 'none', now.running ?? 'none'),
    ...imagesThatDiffer(planned.images ?? [], now.images ?? []),
    ...changed("the database's revision", list(planned.standing.revisions), list(now.standing.revisions)),
    ...changed("the database's schema (fingerprint)", planned.standing.fingerprint, now.standing.fingerprint),
    ...changed('from', list(planned.from), list(now.from)),
    ...changed('to', list(planned.to), list(now.to)),
    ...revisionsThatDiffer(planned.revisions, now.revisions),
    ...changed("Alembic's version table", tableName(planned.versionTable), tableName(now.versionTable)),
    ...changed(
      'one transaction for each revision',
      yes(planned.transactionPerMigration),
      yes(now.transactionPerMigration),
    ),
    ...changed('compose files', filesOf(planned.composeFiles), filesOf(now.composeFiles)),
    ...changed('own rules', filesOf(planned.ownRules), filesOf(now.ownRules)),
    ...settingsThatDiffer(planned.settings, now.settings),
    ...outgrown(planned, now),
  ];
}

/** What ran without people because its tables were small enough. */
const outgrown = ({ risk, gate }: Plan, { tables, automatic }: ComparedFacts): string[] =>
  risk === 'low' && gate.approvals === 0
    ? tooLarge(tables, automatic).map((line) => `no longer automatic: ${line}`)
    : [];

const list = (names: readonly string[]): string => names.join(', ') || 'none';
const filesOf = (files: Plan['ownRules'] = []): string =>
  list(files.map(({ file, sha256 }) => `${file} (sha256 ${sha256.slice(0, 12)})`));
const yes = (is: boolean): string => (is ? 'yes' : 'no');
const tableName = ({ schema, name }: VersionTable): string => (schema ? `${schema}.${name}` : name);

const changed = (field: string, was: string, is: string): string[] =>
  was === is ? [] : [`${field}: was ${was}, is ${is}`];

/** A tag that was moved since, and a container that somebody has started by hand. */
const imagesThatDiffer = (was: readonly PlannedImage[], is: readonly PlannedImage[]): string[] =>
  was.flatMap(({ reference, services, id, running }) => {
    const now = is.find((each) => each.reference === reference);
    if (!now) return [`image ${reference}: the compose file does not name it any more`];
    const runs = (image: string | null) => (image ? shortId(image) : 'none');
    return [
      ...changed(`image ${reference}`, shortId(id), shortId(now.id)),
      ...changed(`running image of ${services.join(', ')}`, runs(running), runs(now.running)),
    ];
  });

function revisionsThatDiffer(was: readonly PendingRevision[], is: readonly PendingRevision[]): string[] {
  const nowById = new Map(is.map((revision) => [revision.revision, revision]));
  const before = new Set(was.map(({ revision }) => revision));
  const lines = was.flatMap((planned) => {
    const now = nowById.get(planned.revision);
    return now ? revisionDiffers(planned, now) : [`revision ${planned.revision}: no longer pending`];
  });
  const added = is.filter(({ revision }) => !before.has(revision));
  const all = [
    ...lines,
    ...added.map(({ revision, file }) => `revision ${revision}: pending now too (${file})`),
  ];
  const order = (revisions: readonly PendingRevision[]) => list(revisions.map(({ revision }) => revision));
  return all.length > 0 ? all : changed('order of the revisions', order(was), order(is));
}

function revisionDiffers(was: PendingRevision, is: PendingRevision): string[] {
  const [from, to] = [was.sha256.slice(0, 12), is.sha256.slice(0, 12)];
  const reasons = [
    ...(from === to ? [] : [`its file ${is.file} was edited (sha256 ${from}, now ${to})`]),
    ...(was.file === is.file ? [] : [`its file was ${was.file}, is ${is.file}`]),
    ...(was.upSql === is.upSql && was.downSql === is.downSql ? [] : ['it renders other SQL']),
  ];
  if (reasons.length > 0) return [`revision ${is.revision}: ${reasons.join('; ')}`];
  return canonical(pendingOf(was)) === canonical(pendingOf(is))
    ? []
    : [`revision ${is.revision}: no longer the same`];
}

/** Settings that are others now. Paths only: a setting's value is nobody's business here. */
export function settingsThatDiffer(was: unknown, is: unknown, path = 'settings'): string[] {
  if (canonical(was) === canonical(is)) return [];
  if (!isRecord(was) || !isRecord(is)) return [`${path}: was changed`];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return keys.flatMap((key) => settingsThatDiffer(was[key], is[key], `${path}.${key}`));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
