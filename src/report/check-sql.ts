import type { Finding } from '../domain/plan.js';
import { count } from '../domain/units.js';
import { verdictOn, type FileVerdict } from '../domain/verdict.js';
import { amounts, findingText, groupsText, SCREEN, WIDTH } from './finding.js';
import { appliesIn } from './procedure.js';

/** Files without findings are named only where they are few. */
const CLEAN_SHOWN = 5;

/** What a check of files found, on one screen: each finding where there is room, else a few lines for each rule. */
export function checkSqlText(files: readonly FileVerdict[]): string {
  const whole = [...details(files), ...ending(files)];
  if (whole.join('\n\n').split('\n').length <= SCREEN) return whole.join('\n\n');
  const tail = [...ending(files), ALL].join('\n\n');
  const head = `${count(files.length, 'file')}: the findings by rule`;
  const room = SCREEN - tail.split('\n').length - 4;
  const groups = groupsText(
    files.flatMap(({ findings }) => findings),
    room,
    placeOf,
  );
  return [head, groups.join('\n'), tail].join('\n\n');
}

const ALL = 'Each finding: --format json. A rule in full: lockkeeper check --explain RULE';

function details(files: readonly FileVerdict[]): string[] {
  const clean = files.filter(({ findings }) => findings.length === 0);
  const shown = clean.length > CLEAN_SHOWN ? files.filter(({ findings }) => findings.length > 0) : files;
  const left = files.length - shown.length;
  return [...shown.map(fileText), ...(left > 0 ? [`${count(left, 'other file')}: nothing to warn of`] : [])];
}

function fileText({ file, risk, coverage, findings }: FileVerdict): string {
  const amount = `   ${count(coverage.total, 'statement')}`;
  const most = WIDTH - amount.length - risk.length - 2;
  const name = nameOf(file);
  const title = (name.length > most ? `…${name.slice(1 - most)}` : name) + amount;
  const first = findings.length > 0 ? title : title + risk.padStart(WIDTH - title.length);
  return [
    first,
    ...(findings.length > 0
      ? findings.map((finding) => findingText(finding, finding.line ? `${finding.line}: ` : ''))
      : ['       nothing to warn of']),
  ].join('\n');
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

const placeOf = ({ file, line }: Finding): string =>
  `${file === '-' ? 'standard input' : file.split('/').slice(-2).join('/')}${line ? `:${line}` : ''}`;

function ending(files: readonly FileVerdict[]): string[] {
  const { coverage, findings, procedure } = verdictOn(files);
  const { analysed, total } = coverage;
  const where = files.length > 1 ? ` in ${count(files.length, 'file')}` : '';
  const read = `${analysed} of ${count(total, 'statement')} analysed${where}, ${amounts(findings)}.`;
  return [total === 0 ? `There is no statement${where}.` : `${read}\n${appliesIn(procedure)}`];
}
