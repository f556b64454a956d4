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
