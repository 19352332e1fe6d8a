import { verdictOn, type FileVerdict } from '../domain/verdict.js';
import { checkSqlJson, jsonText } from '../report/check-json.js';
import { checkSqlText } from '../report/check-sql.js';
import type { Policy } from '../rules/policy.js';
import { sqlFiles } from '../sql-files/find.js';
import { judgeAll } from '../sql-files/judge-all.js';
import { schemaIn } from '../sql-files/schema.js';
import { exitCodeFor, formatOf, type CheckOptions, type Format } from './check.js';
import type { Io } from './io.js';

/** Checks files of SQL, each by itself. @throws Problem `sql-not-readable`, `no-sql-files` */
export async function checkSql(given: readonly string[], options: CheckOptions, io: Io): Promise<number> {
  const { inTransaction } = options;
  const postgres = options.postgres === undefined ? undefined : Number(options.postgres);
  const files = await judgeAll(sqlFiles(given), {
    ...(postgres === undefined ? {} : { postgres }),
    ...(inTransaction ? { inTransaction } : {}),
    ...(options.config === undefined ? {} : { policy: await policyIn(options.config) }),
    ...(options.schema === undefined ? {} : { schema: await schemaIn(options.schema, postgres) }),
  });
  io.out(await shown(files, formatOf(options)));
  return exitCodeFor(
    files.filter(({ findings }) => findings.length > 0).map(({ risk }) => risk),
    options,
  );
}

/**
 * How the settings of --config want changes judged. Those that only lie in the folder are not asked for: a file of SQL is
 * of no target.
 *
 * @throws Problem `no-target` where there are several targets, as the file does not say which is meant
 */
async function policyIn(path: string): Promise<Policy> {
  const { homeAt, policyOf } = await import('../local.js');
  return (await policyOf(homeAt(path).target())).policy;
}

async function shown(files: readonly FileVerdict[], format: Format): Promise<string> {
  switch (format) {
    case 'text':
      return checkSqlText(files);
    case 'json':
      return jsonText(checkSqlJson(files));
    case 'github':
      return (await import('../report/github.js')).githubText(verdictOn(files));
    case 'markdown':
      return (await import('../report/check-markdown.js')).sqlMarkdown(files);
    case 'sarif':
      return (await import('./check-sarif.js')).sarifOf(verdictOn(files).findings);
  }
}
