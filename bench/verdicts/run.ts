/**
 * npm run bench:verdicts [-- --all]
 *
 * Judges the labelled cases beside with Lockkeeper and with squawk, and prints both scores. With --all it prints every
 * disagreement of a tool with the label, else only ours. Ends with one line of JSON: scores, and the goals as lower bounds.
 */
import type { Case } from './case.js';
import { groups } from './cases/index.js';
import { ours, type Verdict } from './ours.js';
import { reasons } from './reasons.js';
import { squawk, type Squawked } from './squawk.js';

interface Judged {
  group: string;
  one: Case;
  our: Verdict;
  their: Squawked;
}

const listed = Object.entries(groups).flatMap(([group, cases]) => cases.map((one) => ({ group, one })));
const theirs = squawk(listed.map(({ one }) => one));
const judged: Judged[] = await Promise.all(
  listed.map(async ({ group, one }, index) => ({
    group,
    one,
    our: await ours(one),
    their: theirs[index] ?? { all: [], hazards: [] },
  })),
);

/** Shares of dangerous cases that were flagged, and of safe ones that were not. */
function score(
  cases: readonly Judged[],
  flags: (one: Judged) => boolean,
): { recall: number; specificity: number } {
  const dangerous = cases.filter(({ one }) => one.truth === 'dangerous');
  const safe = cases.filter(({ one }) => one.truth === 'safe');
  return {
    recall: share(dangerous.filter(flags).length, dangerous.length),
    specificity: share(safe.filter((one) => !flags(one)).length, safe.length),
  };
}

const share = (part: number, whole: number): number =>
  whole === 0 ? 1 : Math.round((part / whole) * 1000) / 1000;

const tools: Readonly<Record<string, (one: Judged) => boolean>> = {
  lockkeeper: ({ our }) => our.flagged,
  'lockkeeper, high and above': ({ our }) => our.risk === 'high' || our.risk === 'very-high',
  'lockkeeper, medium and above': ({ our }) => our.risk !== 'low',
  squawk: ({ their }) => their.all.length > 0,
  'squawk, without rules of style': ({ their }) => their.hazards.length > 0,
};

const text = ({ group, one }: Judged): string => `${group}: ${one.sql.replace(/\s+/g, ' ').slice(0, 150)}`;

const reasonFor = ({ one, our }: Judged): string =>
  our.rules.flatMap((rule) => reasons[rule] ?? []).join('; ') ||
  `NOT EXPLAINED, and the label says: ${one.why}`;

const safeCount = judged.filter(({ one }) => one.truth === 'safe').length;
console.log(`${judged.length} cases, ${judged.length - safeCount} dangerous, ${safeCount} safe\n`);
for (const [name, flags] of Object.entries(tools)) {
  const { recall, specificity } = score(judged, flags);
  console.log(`${name.padEnd(32)} recall ${recall.toFixed(3)}  specificity ${specificity.toFixed(3)}`);
}

console.log('\nby group        ours           squawk, without style   (recall specificity)');
for (const group of Object.keys(groups)) {
  const own = judged.filter((one) => one.group === group);
  const cells = [tools.lockkeeper, tools['squawk, without rules of style']].map((flags) => {
    const { recall, specificity } = score(own, flags ?? (() => false));
    return `${recall.toFixed(2)} ${specificity.toFixed(2)}`.padEnd(15);
  });
  console.log(`${group.padEnd(15)} ${cells.join('')}`);
}

const rightClass = judged.filter(({ one, our }) => one.risk === our.risk);
console.log(`\nthe class is the expected one in ${rightClass.length} of ${judged.length}; elsewhere:`);
for (const one of judged.filter(({ one: { risk }, our }) => risk !== our.risk))
  console.log(`  ${one.one.risk} → ${one.our.risk} [${one.our.rules.join(' ')}] ${text(one)}`);

console.log('\nours against the label:');
for (const one of judged.filter(({ one: { truth }, our }) => (truth === 'dangerous') !== our.flagged))
  console.log(
    `  ${one.one.truth}, but ${one.our.risk} [${one.our.rules.join(' ')}] ${text(one)}\n    ${reasonFor(one)}`,
  );

if (process.argv.includes('--all')) {
  console.log('\nsquawk (without rules of style) against the label:');
  for (const one of judged.filter(
    ({ one: { truth }, their }) => (truth === 'dangerous') !== their.hazards.length > 0,
  ))
    console.log(`  ${one.one.truth} [${one.their.hazards.join(' ')}] ${text(one)} (${one.one.why})`);
}

const { recall, specificity } = score(judged, tools.lockkeeper ?? (() => false));
console.log(JSON.stringify({ ratios: { recall, specificity }, goal: { recall: 0.95, specificity: 0.9 } }));
