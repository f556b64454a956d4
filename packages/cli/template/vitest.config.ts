import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // Reading media takes its time where the machine is busy; only what hangs should fail.
    testTimeout: 60_000
  }
})
