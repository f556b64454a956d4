import { createRequire } from "node:module"

/** Of this package: coordinator and workers of one {@link series} understand each other. */
export const version: string = createRequire(import.meta.url)("../../package.json").version

/** What must be the same on both sides: the major version, and before 1.0 the minor one too. */
export const series = (version: string): string => {
  const [major = "0", minor = "0"] = version.split(".")
  return major === "0" ? `0.${minor}` : major
}
