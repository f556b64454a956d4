// Compiles the meters' inner loops (packages/plugins/assembly) to WebAssembly, with a compiler that is fetched for it, and keeps the result
// in the sources: who changes nothing there needs neither. A test tells when the two differ.
//   npm run kernels
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const COMPILER = "assemblyscript@0.28.20"

const folder = fileURLToPath(new URL("../packages/plugins/", import.meta.url))
const sources = readdirSync(join(folder, "assembly")).sort()
const digest = createHash("sha256")
for (const name of sources) digest.update(readFileSync(join(folder, "assembly", name)))
const made = mkdtempSync(join(tmpdir(), "mediaspool-kernels-"))
try {
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd", "--use", "abort="]
  const { status } = spawnSync(
    "npx",
    [
      "--yes",
      "--package",
      COMPILER,
      "--",
      "asc",
      "meters.ts",
      "--baseDir",
      join(folder, "assembly"),
      "-o",
      join(made, "meters.wasm"),
      ...options
    ],
    { stdio: "inherit" }
  )
  if (status !== 0) process.exit(status ?? 1)
  const bytes = readFileSync(join(made, "meters.wasm"))
  writeFileSync(
    join(folder, "src/meters/meters.wasm.ts"),
    `// Written by \`npm run kernels\` from assembly/.

/** SHA-256 of the sources, one after the other by name, in hexadecimal. */
export const source = "${digest.digest("hex")}"

/** The compiled module, in Base64. */
export const code =
  "${bytes.toString("base64")}"
`
  )
  console.log(`${bytes.length} bytes`)
} finally {
  rmSync(made, { recursive: true, force: true })
}
