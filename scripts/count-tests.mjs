// Adds up Vitest's JSON reports, names what failed, and says `N passed, N failed`. A report that is missing, or a file that didn't load, is a failure.
import { existsSync, readFileSync } from "node:fs"
import { relative } from "node:path"

const reports = process.argv.slice(2).map((path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined))
const suites = reports.flatMap((report) => report?.testResults ?? [])
const tests = suites.flatMap((suite) => suite.assertionResults)
const passed = tests.filter(({ status }) => status === "passed").length

const firstLine = (text = "") => text.split("\n", 1)[0]
const failed = [
  ...suites.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name)
    const inFile = assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${file}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`)
    return status === "failed" && inFile.length === 0 ? [`${file}: ${firstLine(message)}`] : inFile
  }),
  ...reports.filter((report) => report === undefined).map(() => "a run that left no report")
]

for (const line of failed) console.log(`Failed: ${line}`)
console.log(`${passed} passed, ${failed.length} failed`)
process.exit(failed.length > 0 || passed === 0 ? 1 : 0)
