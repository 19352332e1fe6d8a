import { readFileSync } from 'node:fs';
import { riskOf, type FileVerdict } from '../domain/verdict.js';
import { check } from '../rules/check.js';
import type { Policy } from '../rules/policy.js';
import { emptySchema } from '../schema/empty.js';
import type { Schema } from '../schema/model.js';
import { parse, type Parsed } from '../sql/parse.js';
import { decode, type Decoded } from './decode.js';
import { STDIN } from './find.js';

/** What is known besides the SQL. */
export interface JudgeOptions {
  /** Major version of the server that it is meant for. */
  postgres?: number;
  /** It runs in one transaction that was begun before it. */
  inTransaction?: boolean;
  /** What is there before each of the files; it stays as it is. */
  schema?: Schema;
  /** How settings want it judged besides the catalogue. */
  policy?: Policy;
}

/**
 * Judges one file by itself.
 *
 * @throws what the system says of a file that cannot be read
 */
export async function judgeFile(file: string, options: JudgeOptions): Promise<FileVerdict> {
  const source = file === STDIN ? 0 : file;
  if (source === 0) return judge(file, decode(readFileSync(source)), options);
  const text = readFileSync(source, 'utf8');
  // Only then are its bytes asked for: reading 1,000 files twice would take as long as judging them.
  return judge(file, mayBeOther(text) ? decode(readFileSync(source)) : { text }, options);
}

const mayBeOther = (text: string): boolean => text.includes('\ufffd') || text.includes('\0');

export async function judge(
  file: string,
  { text, fault }: Decoded,
  options: JudgeOptions,
): Promise<FileVerdict> {
  const wrong: Parsed[] = fault ? [{ text: '', offset: 0, ...fault }] : [];
  const parsed = [...wrong, ...(await parse(text))];
  const { schema, ...of } = options;
  const before = schema ? structuredClone(schema) : emptySchema(options.postgres);
  const { findings, coverage } = check(parsed, { file, linesOfFile: true, ...of }, before);
  return { file, risk: riskOf(findings), coverage, findings };
}
