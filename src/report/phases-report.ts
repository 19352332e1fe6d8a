import type { RunRecord } from '../domain/record.js';
import { lineText, proofLines, standingWord, type PhasesStatus } from '../domain/phases/status.js';
import { runText } from './run.js';

/** The whole of a change in one Markdown page: its phases, what was said and done, and the record of each of its runs. */
export function phasesReport(status: PhasesStatus, records: readonly RunRecord[]): string {
  const { target, change, requestedBy, says, lines, notes, proof, said, runs } = status;
  const kept = runs.flatMap((runId) => records.find((record) => record.runId === runId) ?? []);
  return [
    `# ${change} of ${target}: ${standingWord(status)}`,
    '',
    `Asked for by ${requestedBy}. ${says}`.trim(),
    '',
    ...lines.map((line) => `- ${lineText(line)}`),
    ...section('To know', notes),
    ...section('Was old code left?', proof ? proofLines(proof) : []),
    ...section('Said and done', said),
    ...kept.flatMap((record) => ['', `## Run ${record.runId}`, '', '```', runText(record), '```']),
    ...section(
      'Runs whose records are not here',
      runs.filter((runId) => !kept.some((record) => record.runId === runId)),
    ),
  ].join('\n');
}

const section = (title: string, all: readonly string[]): string[] =>
  all.length ? ['', `## ${title}`, '', ...all.map((line) => `- ${line}`)] : [];
