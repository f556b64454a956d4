import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.js"

/** How the tests are run; what each package's tests share is in vitest.shared.ts. */
export default defineConfig({
  test: {
    projects,
    // Two queues side by side, each with two workers, as many tests wait for programs. Those that run our code where they are share
    // their worker's modules: loading Effect for each file took as long as the tests. Those that start the command get a thread each.
    poolOptions: {
      forks: { isolate: false, minForks: 1, maxForks: 2 },
      threads: { minThreads: 1, maxThreads: 2 }
    }
  }
})
