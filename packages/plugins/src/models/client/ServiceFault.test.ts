import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { ModelError } from "../ModelError.js"
import * as ServiceFault from "./ServiceFault.js"

const of = (status: number | undefined, code: string | undefined, message: string) =>
  ServiceFault.toError("p", { status, code, message })

describe("ServiceFault", () => {
  const rows: ReadonlyArray<readonly [number | undefined, string | undefined, string, string, string]> = [
    [400, "invalid_parameter_error", "This model only support stream mode", "RequestRefused", "never"],
    [400, "invalid_parameter_error", "The audio is too long", "AudioTooLong", "never"],
    [400, "invalid_parameter_error", "Multimodal file size is too large", "AudioTooLarge", "never"],
    [400, "invalid_parameter_error", "Range of input length should be [1, 32768]", "AudioTooLong", "never"],
    [
      400,
      "InvalidParameter.DataInspection",
      "Exceeded limit on max bytes per data-uri item : 10485760",
      "AudioTooLarge",
      "never"
    ],
    [400, "InvalidParameter", "The audio is empty", "RequestRefused", "never"],
    [400, "InvalidParameter", "The audio format is illegal and cannot be opened", "RequestRefused", "never"],
    [400, "InvalidParameter", "Failed to download multimodal content", "DownloadFailed", "now"],
    [400, "data_inspection_failed", "Input data may contain inappropriate content", "Moderated", "never"],
    [undefined, "DataInspectionFailed", "Output data may contain inappropriate content.", "Moderated", "never"],
    [400, "Arrearage", "Access denied, please make sure your account is in good standing.", "NoBalance", "later"],
    [401, "invalid_api_key", "Incorrect API key provided", "KeyRefused", "later"],
    [403, "AccessDenied.Unpurchased", "Access to model denied", "AccessRefused", "later"],
    [403, "Model.AccessDenied", "Model access denied", "AccessRefused", "later"],
    [403, "AllocationQuota.FreeTierOnly", "The free tier has been exhausted", "AccessRefused", "later"],
    [404, "model_not_found", "The model `x` does not exist or you do not have access to it.", "ModelNotFound", "config"],
    [404, "404", "The model `x` does not exist.", "ModelNotFound", "config"],
    [404, undefined, "<html>nginx</html>", "NotTheService", "now"],
    [429, "limit_requests", "You exceeded your current requests limit", "RateLimited", "later"],
    [429, "insufficient_quota", "You exceeded your current quota", "RateLimited", "later"],
    [429, "limit_burst_rate", "Request rate increased too quickly", "RateLimited", "later"],
    [429, "Throttling.RateQuota", "Requests rate limit exceeded", "RateLimited", "later"],
    [500, "internal_error", "An internal error has occured", "ServiceFailed", "now"],
    [500, "RequestTimeOut", "Request timed out", "ServiceTimedOut", "now"],
    [503, "ModelServingError", "Too many requests", "ServiceFailed", "now"],
    [503, "ModelUnavailable", "Model is unavailable", "ServiceFailed", "now"],
    [undefined, "internal_error", "An internal error has occured", "ServiceFailed", "now"],
    [502, undefined, "<html>Bad Gateway</html>", "ServiceFailed", "now"],
    [302, undefined, "", "NotTheService", "now"],
    [402, "insufficient_balance", "Insufficient Balance", "NoBalance", "later"],
    [405, undefined, "Method Not Allowed", "NotTheService", "now"],
    [407, undefined, "Proxy Authentication Required", "Unreachable", "later"],
    [409, undefined, "Conflict", "ServiceFailed", "now"],
    [410, undefined, "Gone", "NotTheService", "now"],
    [422, undefined, "Unprocessable", "RequestRefused", "never"],
    [423, undefined, "Locked", "ServiceFailed", "now"],
    [425, undefined, "Too Early", "ServiceFailed", "now"],
    [418, undefined, "I'm a teapot", "RequestRefused", "never"],
    [501, "501", "audio input is not supported - hint: you may need to provide the mmproj", "ModelDeaf", "config"],
    [400, "400", "At most 0 audio(s) may be provided in one prompt.", "ModelDeaf", "config"],
    [501, undefined, "Not Implemented", "RequestRefused", "never"]
  ]
  it.each(rows)("%s %s «%s» is %s, to be tried %s", (status, code, message, ours, retry) => {
    const error = of(status, code, message)
    expect([error.code, error.retry]).toEqual([ours, retry])
  })

  it("reads errors in every shape that was seen", () => {
    const shapes = [
      { error: { message: "m", type: "t", param: null, code: "c" }, request_id: "r" },
      { error: { message: "m", code: "c" }, id: "r" },
      { code: "c", message: "m", request_id: "r" }
    ]
    for (const shape of shapes) expect(ServiceFault.inBody(shape)).toEqual({ message: "m", code: "c", requestId: "r" })
    expect(ServiceFault.inBody({ choices: [], code: "c", message: "m" })).toBeUndefined()
    for (const error of [null, "", false, {}]) expect(ServiceFault.inBody({ choices: [], error })).toBeUndefined()
    expect(ServiceFault.inBody({ object: "chat.completion.chunk", choices: [] })).toBeUndefined()
  })

  it("takes a code that is a status for one, where there is no other", () => {
    const said = (code: unknown) =>
      ServiceFault.toError("p", ServiceFault.inBody({ error: { code, message: "m" } }) ?? { message: "" })
    expect([said(429), said("400"), said(503), said(7)].map(({ code }) => code)).toEqual([
      "RateLimited",
      "RequestRefused",
      "ServiceFailed",
      "ServiceFailed"
    ])
    expect(said(429).message).toBe("p answered 429: m")
  })

  it("understands both forms of Retry-After", () => {
    expect(ServiceFault.retryAfter("1.5")).toBe(1500)
    for (const seven of ["7", " 7 ", "7s", "7, 7"]) expect(ServiceFault.retryAfter(seven)).toBe(7000)
    expect(ServiceFault.retryAfter("Sat, 21 Nov 2026 08:00:10 GMT", Date.UTC(2026, 10, 21, 8))).toBe(10_000)
    expect(ServiceFault.retryAfter("Sat, 21 Nov 2026 08:00:00 GMT", Date.UTC(2026, 10, 21, 9))).toBeUndefined()
    for (const odd of [undefined, null, "", "soon", "0", "-5", "Infinity", "0x10", "1e9"])
      expect(ServiceFault.retryAfter(odd)).toBeUndefined()
  })

  it("shows strangers' words on one line, short, and without what looks like a key", () => {
    const shown = ServiceFault.quote(`line\n\u001b[31mred\u202e Bearer abcdef123456 sk-abcdef123456 ${"x".repeat(1000)}`)
    expect(shown).not.toMatch(/[\n\u001b\u202e]|abcdef/)
    expect(shown.length).toBeLessThan(310)
  })

  it.prop(
    "makes a failure of anything",
    [fc.option(fc.integer({ min: 100, max: 599 })), fc.string(), fc.string()],
    ([status, code, message]) => {
      const error = of(status ?? undefined, code, message)
      expect(Object.keys(ModelError.reasons)).toContain(error.code)
      expect(error.help).not.toBe("")
    }
  )
})
