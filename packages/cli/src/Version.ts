import { createRequire } from "node:module"

/** Of this package, as `package.json` says it. */
export const version: string = createRequire(import.meta.url)("../package.json").version
