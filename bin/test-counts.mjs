// What `npm test` says at its end.

/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests?: number, success: boolean, testResults: { status: string, assertionResults: { status: string }[] }[] }} Report */

/**
 * Counts tests; a file that failed without a failing test (it did not load) and a run that failed without a failing
 * file (an error nobody caught) count as one failure each.
 * @param {Report | undefined} report vitest's JSON report, if there is one
 * @param {number} exitCode
 */
export function count(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const broken = report.testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(each => each.status === 'failed'),
  )
  let failed = report.numFailedTests + broken.length
  if (failed === 0 && exitCode !== 0) failed = 1
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + (report.numTodoTests ?? 0) }
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
