/** What a run of jest came to, by its `--json`. */

const none = { passed: 0, failed: 0, skipped: 0 };

/** Of one file; one that did not even come to a test counts as one failure. */
function ofFile({ status, assertionResults }) {
  const many = (wanted) => assertionResults.filter((each) => wanted.includes(each.status)).length;
  const failed = many(['failed']);
  return {
    passed: many(['passed']),
    failed: status === 'failed' ? Math.max(failed, 1) : failed,
    skipped: many(['pending', 'todo', 'skipped']),
  };
}

const plus = (one, other) => Object.fromEntries(Object.keys(none).map((key) => [key, one[key] + other[key]]));
const together = (files) => files.map(ofFile).reduce(plus, none);

/**
 * @param result - of jest's file; undefined: there is none
 * @param code - its exit status
 * @returns the numbers of all, those of the files that failed, and the names of these
 */
export function numbersOf(result, code) {
  if (!result) return { ...none, failed: 1, ofFailed: none, failedFiles: [] };
  const files = result.testResults.filter(({ status }) => status === 'failed');
  const all = together(result.testResults);
  const failed = code === 0 ? all.failed : Math.max(all.failed, 1);
  return { ...all, failed, ofFailed: together(files), failedFiles: files.map(({ name }) => name) };
}
