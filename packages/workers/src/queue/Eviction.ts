import { Effect } from "effect"
import type { Redis } from "ioredis"
import { ask } from "./QueueClient.js"

const LIMIT = /^maxmemory:(\d+)/m
const POLICY = /^maxmemory_policy:(\S+)/m

/** The policy by which the server throws jobs away when its memory is used up; `undefined` where it doesn't, or doesn't say. */
export const policy = (client: Redis): Effect.Effect<string | undefined> =>
  ask(() => client.info("memory")).pipe(
    Effect.map((info) => {
      const policy = POLICY.exec(info)?.[1]
      return policy === "noeviction" || Number(LIMIT.exec(info)?.[1] ?? 0) === 0 ? undefined : policy
    }),
    Effect.orElseSucceed(() => undefined)
  )
