import { proofOf, type OldCodeEvidence } from './old-code.js';

const one = (source: string, holds: boolean, says = source): OldCodeEvidence => ({ source, says, holds });
const looked = (...evidence: OldCodeEvidence[]) => ({ evidence, missing: [] });

it('holds where nothing speaks against it, and who runs could be seen', () => {
  expect(proofOf([looked(one('sessions', true)), { evidence: [], missing: ['statements: no'] }])).toEqual({
    holds: true,
    evidence: [one('sessions', true)],
    missing: ['statements: no'],
  });
});

it.each([[[one('sessions', true), one('files', false)]], [[one('files', true)]], [[]]])(
  'does not hold by %j',
  (evidence) => expect(proofOf([looked(...evidence)]).holds).toBe(false),
);

it('says that nobody knows anything where who runs could not be seen', () => {
  expect(proofOf([looked(one('files', true))]).missing).toEqual([
    'neither containers nor processes nor sessions could be looked at: no proof',
  ]);
});

it('stays small, and begins with what speaks against it', () => {
  const many = Array.from({ length: 500 }, () => one('sessions', false, 'x'.repeat(5_000)));
  const proof = proofOf([looked(one('files', true), ...many)]);
  expect(proof.evidence.at(-1)?.source).toBe('files');
  expect(proof.evidence.at(-2)?.says).toBe('and 480 more');
  expect(JSON.stringify(proof).length).toBeLessThan(20_000);
});
