import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"

const unchanged = (path, contents) => {
  try {
    return readFileSync(path).equals(contents)
  } catch {
    return false
  }
}

/** Writes what has changed, each file in one step: whoever runs the old one meanwhile never reads half of the new one. */
export const emit = (files) => {
  for (const { path, contents } of files) {
    if (unchanged(path, Buffer.from(contents))) continue
    mkdirSync(dirname(path), { recursive: true })
    const temporary = `${path}.${process.pid}.tmp`
    writeFileSync(temporary, contents)
    renameSync(temporary, path)
  }
}
