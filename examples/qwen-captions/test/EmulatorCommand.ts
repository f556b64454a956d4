import { start } from "@mediaspool/example-testing"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { createInterface } from "node:readline"

/** `spool emulator` in a process of its own; gives where it listens, and what it says to put into a config. */
export const emulator = async (...args: ReadonlyArray<string>) => {
  const child = start(tmpdir(), "emulator", "--port", "0", "--json", ...args)
  if (child.stdout === null) throw new Error("it has no output")
  child.stderr?.resume()
  const [line] = await once(createInterface(child.stdout), "line")
  const { baseUrl }: { readonly baseUrl: string } = JSON.parse(String(line))
  return { child, origin: new URL(baseUrl).origin }
}

/** Ends a process of {@link emulator} as Ctrl-C would. */
export const interrupt = async (child: ChildProcess): Promise<number | null> => {
  const ended = once(child, "close")
  child.kill("SIGINT")
  await ended
  return child.exitCode
}
