import { expect, it } from "@effect/vitest"
import { TurnQueue } from "./TurnQueue.js"

const turn = () => new Promise((resolve) => setImmediate(resolve))

it("Calls are made in order, a few in a turn of the event loop, also those that calls add", async () => {
  const called: Array<number> = []
  const calls = new TurnQueue()
  for (let n = 0; n < 10; n++)
    calls.add(() => {
      called.push(n)
      if (n === 9) calls.add(() => called.push(10))
    })
  expect(called).toEqual([])
  await turn()
  expect(called.length).toBeGreaterThan(0)
  expect(called.length).toBeLessThan(10)
  for (let n = 0; n < 10; n++) await turn()
  expect(called).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})
