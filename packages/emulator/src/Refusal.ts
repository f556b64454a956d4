import { Data } from "effect"

/** The service says no. Both protocols' bodies are written from it. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly status: number
  readonly code: string
  /** The native protocol's spelling, where it isn't the code in Pascal case. */
  readonly nativeCode?: string
  readonly type?: string
  readonly message: string
  /** Seconds, or whatever else stands in the header. */
  readonly retryAfter?: number | string | undefined
}> {}

const parameter = (message: string) =>
  new Refusal({
    status: 400,
    code: "invalid_parameter_error",
    nativeCode: "InvalidParameter",
    type: "invalid_request_error",
    message
  })
const data = (message: string) =>
  new Refusal({ status: 400, code: "InvalidParameter.DataInspection", type: "InvalidParameter.DataInspection", message })

/** Everything that the service refuses, in its own words. */
export const refusals = {
  key: new Refusal({
    status: 401,
    code: "invalid_api_key",
    nativeCode: "InvalidApiKey",
    type: "invalid_request_error",
    message: "Incorrect API key provided. For details, see the help page on API keys."
  }),
  arrearage: new Refusal({
    status: 400,
    code: "Arrearage",
    type: "Arrearage",
    message: "Access denied, please make sure your account is in good standing."
  }),
  unpurchased: new Refusal({
    status: 403,
    code: "AccessDenied.Unpurchased",
    type: "AccessDenied.Unpurchased",
    message: "Access to model denied. Please make sure you are eligible for using the model."
  }),
  model: (name: string) =>
    new Refusal({
      status: 404,
      code: "model_not_found",
      nativeCode: "ModelNotFound",
      type: "invalid_request_error",
      message: `The model \`${name}\` does not exist or you do not have access to it.`
    }),
  parameter,
  data,
  stream: parameter("This model only support stream mode, please enable the stream parameter to access the model. "),
  tooLong: parameter("The audio is too long"),
  tooShort: parameter("The audio is too short"),
  uri: data("Exceeded limit on max bytes per data-uri item : 10485760"),
  size: parameter("Multimodal file size is too large"),
  empty: data("The audio is empty"),
  url: new Refusal({
    status: 400,
    code: "invalid_parameter_error",
    nativeCode: "InvalidParameter",
    type: "invalid_request_error",
    message:
      "<400> InternalError.Algo.InvalidParameter: The provided URL does not appear to be valid. Ensure it is correctly formatted."
  }),
  download: data("Failed to download multimodal content"),
  input: (limit: number) => parameter(`Range of input length should be [1, ${limit}]`),
  requests: (retryAfter?: number | string) =>
    new Refusal({
      status: 429,
      code: "limit_requests",
      nativeCode: "Throttling.RateQuota",
      type: "limit_requests",
      message: "You exceeded your current requests limit.",
      retryAfter
    }),
  tokens: (retryAfter?: number | string) =>
    new Refusal({
      status: 429,
      code: "insufficient_quota",
      nativeCode: "Throttling.AllocationQuota",
      type: "insufficient_quota",
      message: "You exceeded your current quota, please check your plan and billing details.",
      retryAfter
    }),
  burst: (retryAfter?: number | string) =>
    new Refusal({
      status: 429,
      code: "limit_burst_rate",
      nativeCode: "Throttling.BurstRate",
      type: "limit_burst_rate",
      message: "Request rate increased too quickly. Adjust your request rate to be smoother.",
      retryAfter
    }),
  moderation: (where: "Input" | "Output") =>
    new Refusal({
      status: 400,
      code: "data_inspection_failed",
      nativeCode: "DataInspectionFailed",
      type: "data_inspection_failed",
      message: `${where} data may contain inappropriate content.`
    }),
  internal: new Refusal({
    status: 500,
    code: "internal_error",
    nativeCode: "InternalError",
    type: "internal_error",
    message: "An internal error has occured, please try again later or contact service support."
  }),
  timeout: new Refusal({
    status: 500,
    code: "RequestTimeOut",
    type: "RequestTimeOut",
    message: "Request timed out, please try again later."
  }),
  serving: new Refusal({
    status: 503,
    code: "ModelServingError",
    type: "ModelServingError",
    message: "Too many requests. Your requests are being throttled due to system capacity limits. Please try again later."
  }),
  unavailable: new Refusal({
    status: 503,
    code: "ModelUnavailable",
    type: "ModelUnavailable",
    message: "Model is unavailable, please try again later."
  })
}

/** The body in the compatible protocol. */
export const compatibleBody = ({ code, message, type }: Refusal, requestId: string): string =>
  JSON.stringify({ error: { message, type: type ?? code, param: null, code }, request_id: requestId })

/** The body in the native protocol. */
export const nativeBody = ({ code, message, nativeCode }: Refusal, requestId: string): string =>
  JSON.stringify({ code: nativeCode ?? code, message, request_id: requestId })
