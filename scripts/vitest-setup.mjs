// Workers, child processes and the command run from `dist`: made anew before the tests, which takes a moment.
import { emit } from "./build.mjs"

export default async () => {
  await Promise.all(["core", "plugins", "cli"].map(emit))
}
