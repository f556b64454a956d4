/** The thread that holds the index of vectors: a comparison with a million of them holds nobody up. Nothing that it loads loads Effect. */
import type { ThreadClient } from "@mediaspool/core"
import { parentPort, workerData } from "node:worker_threads"
import * as VectorStore from "./VectorStore.js"
import type { VectorReply, VectorRequest, VectorThreadData } from "./VectorStoreMessage.js"

const { file, signsFrom }: VectorThreadData = workerData
const store = await VectorStore.open(file, signsFrom)

const obey = (request: VectorRequest): VectorReply => {
  switch (request._tag) {
    case "Seq":
      return { _tag: "Seq", seq: store.seq() }
    case "Clear":
      store.clear()
      return { _tag: "Done" }
    case "Apply":
      store.apply(request.changes)
      return { _tag: "Done" }
    case "Nearest":
      return store.nearest(request.vector, request.model, request.limit)
  }
}

const answer = (request: VectorRequest): VectorReply => {
  try {
    return obey(request)
  } catch (cause) {
    return { _tag: "Failed", cause: String(cause) }
  }
}

parentPort?.on("message", ({ ticket, value }: ThreadClient.Ticketed<VectorRequest>) => {
  parentPort?.postMessage({ ticket, value: answer(value) } satisfies ThreadClient.Ticketed<VectorReply>)
})
