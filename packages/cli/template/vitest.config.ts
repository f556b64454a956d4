import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // Reading media takes a moment where the machine is busy.
    testTimeout: 60_000
  }
})
