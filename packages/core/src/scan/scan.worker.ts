/** The thread that looks at the file system for the {@link Scanner}: one order, one answer. */
import { lstatSync, statSync } from "node:fs"
import { parentPort, workerData } from "node:worker_threads"
import type { Ticketed } from "../stage/ThreadClient.js"
import { forNode } from "./BytePath.js"
import * as ItemLookUp from "./ItemLookUp.js"
import * as Scan from "./Scan.js"
import type { Order, Piece, ScanData, ScanFault, ScanOrder, ScanOutcome } from "./ScanMessage.js"
import { vanished } from "./Walk.js"

const message = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const fault = (code: ScanFault["code"], detail: string): ScanOutcome => ({ _tag: "Failed", fault: { code, detail } })

/** Answers orders. Scans stay open between them. */
const makeDesk = ({ file, lookUp }: ScanData) => {
  const scans = new Map<number, Scan.Scan>()
  let connected: ReturnType<typeof ItemLookUp.connect> | undefined
  const itemsFor = ({ against }: ScanOrder): ItemLookUp.ItemLookUp => {
    if (file === undefined || against === undefined) return ItemLookUp.nothing
    connected ??= ItemLookUp.connect(file, lookUp)
    return connected(against)
  }

  const open = (id: number, order: ScanOrder): ScanOutcome => {
    const folder = order.folder === "" ? "/" : order.folder
    try {
      const root = statSync(forNode(folder), { bigint: true })
      if (!root.isDirectory()) return fault("FolderMissing", `${folder} is no folder`)
      scans.set(id, Scan.make(order, itemsFor(order)))
      return { _tag: "Opened", root: { dev: root.dev, ino: root.ino } }
    } catch (cause) {
      return fault(vanished(cause) ? "FolderMissing" : "FolderUnreadable", message(cause))
    }
  }
  const goOn = (id: number, step: (scan: Scan.Scan) => Piece): ScanOutcome => {
    const scan = scans.get(id)
    return scan === undefined ? fault("ScanFailed", "the scan was closed") : { _tag: "Piece", piece: step(scan) }
  }
  const close = (id: number): ScanOutcome => {
    scans.delete(id)
    return { _tag: "Closed" }
  }
  const stamps = (paths: ReadonlyArray<string>): ScanOutcome => {
    const columns = new BigInt64Array(paths.length * 5)
    paths.forEach((path, i) => {
      try {
        const stats = lstatSync(forNode(path), { bigint: true })
        if (stats.isFile()) columns.set([stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs], i * 5)
      } catch {
        // Not there: all zero, which no file has.
      }
    })
    return { _tag: "Stamped", stamps: columns }
  }
  const dispatch = (order: Order): ScanOutcome => {
    switch (order._tag) {
      case "Open":
        return open(order.scan, order.order)
      case "Walk":
        return goOn(order.scan, (scan) => scan.walk(order.folders, order.isScarce))
      case "Missing":
        return goOn(order.scan, (scan) => scan.missing(order.met))
      case "Close":
        return close(order.scan)
      case "Look":
        return { _tag: "Looked", ...Scan.look(order.order, order.relatives, itemsFor(order.order)) }
      case "Stamps":
        return stamps(order.paths)
    }
  }
  return (order: Order): ScanOutcome => {
    try {
      return dispatch(order)
    } catch (cause) {
      return fault("ScanFailed", message(cause))
    }
  }
}

if (parentPort !== null) {
  const port = parentPort
  const data: ScanData = workerData
  const answer = makeDesk(data)
  port.on("message", ({ ticket, value }: Ticketed<Order>) =>
    port.postMessage({ ticket, value: answer(value) } satisfies Ticketed<ScanOutcome>)
  )
}
