import { defineConfig } from "vitest/config"

/** What every package's tests share: workspace packages are read from source, so a test sees the code beside it. */
export default defineConfig({
  ssr: { resolve: { conditions: ["source"] } },
  resolve: { conditions: ["source"] },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Generous: a busy machine is slow, and only a hang should fail.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of those that a file lets go side by side; another file is under way beside it.
    maxConcurrency: 3,
    globalSetup: [new URL("./scripts/vitest-setup.mjs", import.meta.url).pathname],
    setupFiles: [new URL("./scripts/vitest-each.mjs", import.meta.url).pathname],
    server: { deps: { inline: [/@mediaspool\//] } }
  }
})
