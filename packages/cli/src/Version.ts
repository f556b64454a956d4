import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const packages = createRequire(import.meta.url)

/** Of this package, as `package.json` says it. */
export const version: string = packages("../package.json").version

/** Of `@mediaspool/core`, which plugins name in their peer range. Its `package.json` is not among its exports. */
export const coreVersion: string = packages(join(dirname(packages.resolve("@mediaspool/core")), "..", "package.json")).version
