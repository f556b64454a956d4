import { expect, it } from "@effect/vitest"
import * as LockHolders from "./LockHolders.js"

const locks = `1: FLOCK  ADVISORY  WRITE 25 fe:00:700 0 EOF
2: POSIX  ADVISORY  WRITE 81 fe:00:811 120 120
3: POSIX  ADVISORY  READ 82 fe:00:811 123 123
3: -> POSIX  ADVISORY  WRITE 83 fe:00:811 120 120
4: POSIX  ADVISORY  WRITE ${process.pid} fe:00:811 128 128
5: POSIX  ADVISORY  WRITE 84 fe:00:812 1073741824 1073742335
6: POSIX  ADVISORY  WRITE 81 fe:00:812 1073741824 1073742335
`

it("names each other process that keeps writers from a file, once", () => {
  expect(LockHolders.pids(locks, ["811", "812"])).toEqual([81, 84])
  expect(LockHolders.pids(locks, ["none"])).toEqual([])
  expect(LockHolders.pids("", ["811"])).toEqual([])
})

it("says nothing of a file that isn't there", () => {
  expect(LockHolders.of("/nowhere/spool.db")).toEqual([])
})
