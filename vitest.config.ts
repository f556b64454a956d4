import { defineConfig } from "vitest/config"

/** How the tests are run; what each package's tests share is in vitest.shared.ts. */
export default defineConfig({
  test: {
    projects: ["packages/*", "examples/*", "docs"],
    // Many tests wait for programs: on two cores three workers are not too many. Left to itself, vitest takes one.
    minWorkers: 1,
    maxWorkers: 3
  }
})
