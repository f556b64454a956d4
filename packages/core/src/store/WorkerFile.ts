/**
 * The JavaScript of a worker that stands beside a module: workers run from `dist`, also when the module itself is read from `src`.
 *
 * @param here `import.meta.url`
 * @param name without an extension: `Writer`
 */
export const workerFile = (here: string, name: string): URL => {
  const file = new URL(`./${name}.js`, here)
  return here.endsWith(".ts") ? new URL(file.href.replace(/\/src\/(?!.*\/src\/)/, "/dist/")) : file
}

/**
 * For threads whose garbage is short-lived and whose speed is nobody's bottleneck: V8 would let new objects take 48 MB in each of
 * them before it tidies up.
 */
export const thrifty = { maxYoungGenerationSizeMb: 8 }
