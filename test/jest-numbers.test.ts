import { numbersOf } from '../scripts/jest-numbers.mjs';

const file = (name: string, status: string, ...tests: string[]) => ({
  ...{ name, status },
  assertionResults: tests.map((each) => ({ status: each })),
});

it('counts tests by file, so that those that failed can be told again', () => {
  const result = {
    testResults: [
      file('a', 'passed', 'passed', 'passed', 'pending'),
      file('b', 'failed', 'passed', 'failed'),
      file('does not compile', 'failed'),
    ],
  };
  expect(numbersOf(result, 1)).toEqual({
    ...{ passed: 3, failed: 2, skipped: 1 },
    ofFailed: { passed: 1, failed: 2, skipped: 0 },
    failedFiles: ['b', 'does not compile'],
  });
});

it('jest that fails without a failed test, or leaves no result, counts as one failure', () => {
  expect(numbersOf({ testResults: [file('a', 'passed', 'passed')] }, 1)).toMatchObject({
    ...{ passed: 1, failed: 1, failedFiles: [] },
  });
  expect(numbersOf(undefined, 1)).toMatchObject({ passed: 0, failed: 1, failedFiles: [] });
});
