// Workers, child processes and the command run from `dist`: made anew before the tests, which takes a moment.
import { build } from "./build.mjs"

const built = Symbol.for("mediaspool/built")

/** Every project of the workspace asks for it, each with its own copy of this module; once is enough. */
export default async () => {
  await (globalThis[built] ??= build())
}
