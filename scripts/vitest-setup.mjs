// Workers, child processes and the command run from `dist`: made anew before the tests, which takes a moment.
import { build } from "./build.mjs"

export default async () => {
  await build()
}
