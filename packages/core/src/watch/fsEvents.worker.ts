/** The thread that listens to folders, so that a busy event loop misses nothing and a huge folder keeps nobody waiting. */
import { parentPort } from "node:worker_threads"
import { FsEvents } from "./FsEvents.js"
import type { FsEventBatch, FsEventsOrder } from "./FsEventsMessage.js"

/** The first event after so many quiet milliseconds is told at once; those of so many go into one message. */
const GATHER_MILLIS = 20
/** With so many paths in one message a scan is cheaper. */
const MOST_PATHS = 20_000

/** Gathers what one folder tells. */
const gather = (watch: number, post: (hint: FsEventBatch) => void) => {
  let touched = new Set<string>()
  let listed = new Set<string>()
  let ready = false
  let trouble: string | undefined
  let timer: NodeJS.Timeout | undefined
  let sentAt = 0
  const send = () => {
    timer = undefined
    sentAt = performance.now()
    post({ watch, touched: [...touched], listed: [...listed], ready, trouble })
    touched = new Set()
    listed = new Set()
    ready = false
    trouble = undefined
  }
  const later = () => void (timer ??= setTimeout(send, sentAt + GATHER_MILLIS - performance.now()))
  return {
    touched: (path: string) => {
      if (touched.size < MOST_PATHS) touched.add(path)
      else trouble ??= "too many events"
      later()
    },
    listed: (folder: string) => {
      if (listed.size < MOST_PATHS) listed.add(folder)
      else trouble ??= "too many events"
      later()
    },
    ready: () => {
      ready = true
      later()
    },
    trouble: (code: string) => {
      trouble ??= code
      later()
    }
  }
}

if (parentPort !== null) {
  const port = parentPort
  const watches = new Map<number, FsEvents>()
  port.on("message", (order: FsEventsOrder) => {
    if (order._tag === "Watch")
      watches.set(
        order.watch,
        new FsEvents(
          order.folder,
          order.without,
          gather(order.watch, (hint) => port.postMessage(hint))
        )
      )
    else {
      void watches.get(order.watch)?.close()
      watches.delete(order.watch)
    }
  })
}
