// Adds up Vitest's JSON reports and says `N passed, N failed`. A report that is missing, or a file that didn't load, is a failure.
import { existsSync, readFileSync } from "node:fs"

const reports = process.argv.slice(2).map((path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined))
const suites = reports.flatMap((report) => report?.testResults ?? [])
const tests = suites.flatMap((suite) => suite.assertionResults)
const passed = tests.filter(({ status }) => status === "passed").length
const failed =
  tests.filter(({ status }) => status === "failed").length +
  suites.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed")
  ).length +
  reports.filter((report) => report === undefined).length

console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
