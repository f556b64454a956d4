import { defineConfig, mergeConfig } from "vitest/config"

const path = (name: string): string => new URL(name, import.meta.url).pathname

const all = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Generous: a busy machine is slow, and only a hang should fail.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of those that a file lets go side by side; another file is under way beside it.
    maxConcurrency: 3,
    globalSetup: [path("./scripts/vitest-setup.mjs")]
  }
})

/** What the tests of our code share, which run it where they are: each package is read from source, so a test sees the code beside it. */
export default mergeConfig(all, {
  ssr: { resolve: { conditions: ["source"] } },
  resolve: { conditions: ["source"] },
  test: {
    setupFiles: [path("./scripts/vitest-each.mjs")],
    server: { deps: { inline: [/@mediaspool\//] } }
  }
})

/** What the tests share that start the command, in a thread each. It runs what is built, and so do they: reading sources took longer. */
export const ofCommand = mergeConfig(all, {
  test: { pool: "threads", server: { deps: { external: [/\/packages\/\w+\/dist\//] } } }
})
