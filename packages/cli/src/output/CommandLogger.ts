import { Node, redact } from "@mediaspool/core"
import {
  Cause,
  Context,
  Effect,
  Fiber,
  FiberRef,
  FiberRefs,
  HashMap,
  Inspectable,
  Layer,
  Logger,
  type LogLevel,
  Option
} from "effect"
import * as LogLine from "./LogLine.js"
import { logNow, noteNow } from "./Output.js"
import * as StandardOutput from "./StandardOutput.js"

/** The node, its plugin and its file, where a stage speaks. */
const placeOf = (context: Context.Context<never>): LogLine.Place => {
  const node = Option.getOrUndefined(Context.getOption(context, Node))
  if (node === undefined || node.plugin === undefined) return {}
  return { pipeline: node.pipeline, node: node.node, plugin: node.plugin, path: node.path }
}

const textOf = (value: unknown): string => redact(Inspectable.toStringUnknown(value, 0))

/** `Effect.log(a, b)` gives both at once. */
const messageOf = (message: unknown): string => (Array.isArray(message) ? message.map(textOf).join(" ") : textOf(message))

const levelOf = ({ label }: LogLevel.LogLevel): string => label.toLowerCase()

const show = (line: LogLine.LogLine, json: boolean): void => (json ? logNow(LogLine.value(line)) : noteNow(LogLine.text(line)))

const make = (json: boolean): Logger.Logger<unknown, void> =>
  Logger.make(({ annotations, cause, context, date, logLevel, message }) => {
    const place = placeOf(FiberRefs.getOrDefault(context, FiberRef.currentContext))
    const plugin = Option.getOrUndefined(HashMap.get(annotations, "plugin"))
    const others = HashMap.toEntries(annotations).filter(([name]) => name !== "plugin")
    show(
      {
        time: date,
        level: levelOf(logLevel),
        ...place,
        plugin: place.plugin ?? (typeof plugin === "string" ? plugin : undefined),
        message: messageOf(message),
        annotations: Object.fromEntries(others.map(([name, value]) => [name, textOf(value)])),
        cause: Cause.isEmpty(cause) ? undefined : redact(Cause.pretty(cause, { renderErrorCause: true }))
      },
      json
    )
  })

/** A line that something wrote to stdout. Whoever runs at that moment did; code that awaits a promise can't be told any more. */
const stray =
  (json: boolean) =>
  (message: string): void => {
    const fiber = Fiber.getCurrentFiber()
    const place = Option.match(fiber, {
      onNone: () => ({}),
      onSome: (fiber) => placeOf(fiber.getFiberRef(FiberRef.currentContext))
    })
    const line = { time: new Date(), level: "info", ...place, message: redact(message), annotations: {}, stream: "stdout" }
    show(line, json)
  }

/** What stages and plugins log goes to stderr, as JSON lines with `--json`; so does what they write to stdout. */
export const layer = (json: boolean): Layer.Layer<never> =>
  Layer.merge(
    Logger.replace(Logger.defaultLogger, make(json)),
    Layer.effectDiscard(Effect.sync(() => StandardOutput.reserve(stray(json))))
  )
