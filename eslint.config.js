import { defineConfig } from "eslint/config"
import { createNodeResolver, importX } from "eslint-plugin-import-x"
import tseslint from "typescript-eslint"

/** What each module may import beside itself. ARCHITECTURE.md says the same. */
const modules = {
  core: {
    stage: [],
    plugin: ["stage"],
    config: ["stage", "plugin"],
    pipeline: ["stage", "plugin", "config"],
    store: ["stage"],
    scan: ["stage", "store"],
    runner: ["stage", "pipeline", "store", "scan"],
    watch: ["stage", "config", "pipeline", "store", "scan", "runner"]
  },
  plugins: {
    meters: [],
    media: ["meters"],
    models: [],
    library: [],
    stages: ["media", "models", "library"]
  },
  workers: {
    protocol: [],
    queue: ["protocol"],
    files: ["protocol"],
    coordinator: ["protocol", "queue", "files"],
    worker: ["protocol", "queue", "files"],
    testing: []
  }
}

/** The command: `output/` stands alone, and only `main.ts` knows which commands there are. */
const commandZones = [
  {
    target: "./packages/cli/src/output/**/!(*.test).ts",
    from: "./packages/cli/src",
    except: ["./output"],
    message: "output/ may use no other module of the command (see ARCHITECTURE.md)."
  },
  ...["telemetry", "hooks"].map((module) => ({
    target: `./packages/cli/src/${module}/**/!(*.test).ts`,
    from: "./packages/cli/src/{commands,layers.ts,main.ts}",
    message: `${module}/ hears events alone; no command, no layer (see ARCHITECTURE.md).`
  })),
  {
    target: "./packages/cli/src/!(main).ts",
    from: "./packages/cli/src/commands",
    message: "Only main.ts imports commands/ (see ARCHITECTURE.md)."
  },
  {
    target: "./packages/cli/src/commands/**/*.ts",
    from: "./packages/cli/src/main.ts",
    message: "Commands don't import main.ts (see ARCHITECTURE.md)."
  }
]

/** The server's description of its API knows nothing but schemas: the page takes its types from there. */
const serverZones = [
  {
    target: "./packages/server/src/api/**/*.ts",
    from: "./packages/server/src",
    except: ["./api"],
    message: "api/ may use no other module of the server (see ARCHITECTURE.md)."
  },
  {
    target: "./packages/server/src/{security,library,media,review,runs}/**/!(*.test).ts",
    from: "./packages/server/src/handlers",
    message: "Only Server.ts imports handlers/ (see ARCHITECTURE.md)."
  }
]

const zones = Object.entries(modules).flatMap(([name, allowed]) =>
  Object.entries(allowed).map(([module, uses]) => ({
    target: `./packages/${name}/src/${module}/**/!(*.test|*.fixture).ts`,
    from: `./packages/${name}/src`,
    except: [module, ...uses].map((other) => `./${other}`).concat(name === "plugins" ? ["./kinds.ts"] : []),
    message: `${module}/ may import ${uses.length === 0 ? "no other module" : uses.map((use) => `${use}/`).join(", ")} (see ARCHITECTURE.md).`
  }))
)

/** Sources say `./X.js` and mean `./X.ts`: without this alias the zones would never match. */
const resolver = createNodeResolver({
  extensionAlias: { ".js": [".ts", ".js"] },
  conditionNames: ["source", "import", "require", "default"]
})

const openai = { name: "openai", message: "Only models/client/OpenAiClient.ts knows openai." }
const fluent = { name: "fluent-ffmpeg", message: "Only media/ffmpeg/FluentFfmpeg.ts knows fluent-ffmpeg." }
const patterns = [
  {
    group: ["**/core/src/**", "@mediaspool/core/src/*", "@mediaspool/core/dist/*"],
    message: "Import what strangers can: @mediaspool/core's public exports."
  },
  {
    group: ["**/plugins/src/**", "@mediaspool/plugins/src/*", "@mediaspool/plugins/dist/*"],
    message: "Import what strangers can: @mediaspool/plugins' public exports."
  },
  { group: ["@mediaspool/cli*"], message: "Nobody imports cli." }
]
/** An optional package: without `workers:` in a config not one line of it is loaded. */
const optional = [
  { name: "bullmq", message: "Only packages/workers knows bullmq." },
  { name: "ioredis", message: "Only packages/workers knows ioredis." },
  { name: "@mediaspool/workers", allowTypeImports: true, message: "Load it with `import(…)`: it is an optional package." }
]
const layers = {
  group: ["**/layers.js", "**/host.js"],
  message: "Import what works when it begins to work, with `import(…)`: a start must stay quick."
}
const client = "packages/plugins/src/models/client/OpenAiClient.ts"
const ffmpeg = "packages/plugins/src/media/ffmpeg/FluentFfmpeg.ts"
/** ESLint keeps only the last setting of a rule for a file: each exception gets its own. */
const restricted = [
  { files: ["packages/workers/src/**/*.ts"], ignores: [], paths: [openai, fluent] },
  {
    files: ["packages/*/src/**/*.ts"],
    ignores: [client, ffmpeg, "packages/workers/src/**/*.ts"],
    paths: [openai, fluent, ...optional]
  },
  { files: ["packages/cli/src/{commands/*,output/*}.ts"], ignores: [], paths: [openai, fluent, ...optional], more: [layers] },
  { files: [client], ignores: [], paths: [fluent] },
  { files: [ffmpeg], ignores: [], paths: [openai] }
]

export default defineConfig(
  {
    ignores: [
      "**/dist/**",
      "**/.spool/**",
      "fixtures/**",
      "benchmarks/.corpus/**",
      "demo/**",
      "docs/.work/**",
      "packages/plugins/assembly/**"
    ]
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommended],
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [resolver], "import-x/extensions": [".ts"] },
    rules: {
      "import-x/no-restricted-paths": [
        "error",
        { zones: [...zones, ...commandZones, ...serverZones], basePath: import.meta.dirname }
      ],
      "import-x/no-cycle": "error",
      "no-duplicate-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Effect's classes and generators.
      "@typescript-eslint/no-empty-object-type": "off",
      "require-yield": "off"
    }
  },
  {
    // Variance and the typed builder: the one place for `any`.
    files: ["packages/core/src/stage/{Stage,Plugin}.ts", "packages/core/src/pipeline/Pipeline.ts"],
    rules: { "@typescript-eslint/no-explicit-any": "off" }
  },
  ...restricted.map(({ files, ignores, more = [], paths }) => ({
    files,
    ignores,
    rules: { "no-restricted-imports": ["error", { paths, patterns: [...patterns, ...more] }] }
  }))
)
