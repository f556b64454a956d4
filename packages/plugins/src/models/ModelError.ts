import { Failure } from "@mediaspool/core"

/**
 * Why a model gave nothing. The first group is found before anything is spent, the second is what the service said, the third is
 * what became of its answer. `billed: "no"` stands where the service refused before it worked, or was never reached. The table that maps a service's status and code to these is in `ServiceFault`.
 */
export class ModelError extends Failure.Class<ModelError>()("ModelError", {
  ProviderUnknown: { retry: "config", help: "Name one of the built-in providers, or describe yours under `providers`." },
  ProviderIncomplete: { retry: "config", help: "Give the provider what the message names, under `providers` in the config." },
  AddressRefused: {
    retry: "config",
    billed: "no",
    help: "A base URL is http or https, without a user name in it, and never a link-local or metadata address."
  },
  ModelUnknown: {
    retry: "config",
    help: "Name a model that is known, or describe its limits under `providers.<name>.models.<model>`."
  },
  ModelNotHere: { retry: "config", help: "Choose a provider of a region that has this model." },
  ModelBlind: {
    retry: "config",
    billed: "no",
    help: "This model takes no pictures. `spool models` says which ones see; or wire the stage to the sound alone."
  },
  VideoTooLong: {
    retry: "never",
    billed: "no",
    help: "Set the stage's `window` to a number of seconds: the video is then sent in pieces."
  },
  VideoTooLarge: { retry: "never", billed: "no", help: "Lower the stage's `frames` or `frameSize`, or set a shorter `window`." },
  VideoTooShort: {
    retry: "skip",
    billed: "no",
    help: "A model takes two pictures or more for a video: wire the stage to the sound alone, or take the picture with `scenes`."
  },
  VideoBlank: { retry: "skip", billed: "no", help: "It is black and silent throughout, so nothing was sent." },
  ModelPriceless: {
    retry: "config",
    billed: "no",
    help: "Set `price` under `providers.<name>.models.<model>`, or take the provider's `budget` away."
  },
  ModelDeaf: {
    retry: "config",
    billed: "no",
    help: "This model takes no audio. Choose an omni model or the captioner."
  },
  ModelUnfit: {
    retry: "config",
    help: "Use a model of the kind `embedding` for vectors, such as text-embedding-v4, and another for answers."
  },
  PromptRefused: {
    retry: "config",
    help: "The captioner takes audio alone. Use `omni-ask` or `omni-tags` with an omni model for a prompt."
  },
  WindowTooLong: { retry: "config", help: "Lower the stage's `window`, or leave it to `auto`." },
  VocabularyUnknown: { retry: "config", help: "Name a built-in vocabulary, or describe yours under `vocabularies`." },
  SchemaRefused: { retry: "config", help: "The stage's `schema` must be a JSON schema of type object." },
  AudioTooLong: {
    retry: "never",
    billed: "no",
    help: "Set the stage's `window` to a number of seconds: the file is then sent in pieces."
  },
  AudioTooShort: { retry: "skip", billed: "no", help: "Lower the stage's `minimumSeconds` to send it all the same." },
  AudioTooLarge: {
    retry: "never",
    billed: "no",
    help: "Set a shorter `window`, or `upload: true` on the provider, which sends large files another way."
  },
  AudioSilent: {
    retry: "skip",
    billed: "no",
    help: "Nothing in it is louder than the stage's `silence` threshold, so nothing was sent."
  },
  TextTooLong: {
    retry: "never",
    billed: "no",
    help: "Use a model with a larger context, or shorten the captions with `post-process`."
  },
  AudioUnreadable: { retry: "now", billed: "no", help: "The copy to be sent can't be read. Check the state folder's disk." },

  KeyRefused: {
    retry: "later",
    billed: "no",
    help: "Check the provider's key. A key belongs to one region: one from Beijing is refused in Singapore, and the other way round."
  },
  NoBalance: {
    retry: "later",
    billed: "no",
    help: "Pay the account's bill at the provider; the work waits and goes on by itself."
  },
  AccessRefused: {
    retry: "later",
    billed: "no",
    help: "Open the model for this account in the provider's console; the work waits and goes on by itself."
  },
  RateLimited: {
    retry: "later",
    billed: "no",
    help: "Something else uses the account too, or `rpm` and `tpm` under `providers` are higher than what it allows. The work waits."
  },
  ServiceDown: { retry: "later", help: "The provider keeps failing. The work waits and goes on when it answers again." },
  Unreachable: {
    retry: "later",
    billed: "no",
    help: "Nothing answers at the provider's base URL. Check `baseUrl`, the network, and that the server runs. The work waits."
  },
  ServiceFailed: { retry: "now", billed: "no", help: "The provider failed at this request; another try may succeed." },
  FailedMidway: {
    retry: "now",
    help: "The provider began to answer and then failed, so the request may have been billed. Another try may succeed."
  },
  ServiceTimedOut: {
    retry: "now",
    help: "The provider stopped answering. Another try may succeed; `timeouts` on the provider sets the patience."
  },
  Interrupted: { retry: "now", help: "The answer broke off before its end. Another try may succeed." },
  PossiblyBilled: {
    retry: "never",
    help: "The answer broke off, may have been billed, and the provider says `onAmbiguous: hold`. `spool requeue` pays for it again."
  },
  AnswerTooLarge: {
    retry: "never",
    help: "No model writes that much: look at what answers at `baseUrl`. The request may have been billed; `spool requeue` sends it again."
  },
  NotTheService: {
    retry: "now",
    billed: "no",
    help: "What answered is no model service: a proxy, a login page or another program. Check `baseUrl`."
  },
  ModelNotFound: {
    retry: "config",
    billed: "no",
    help: "The provider doesn't know this model, or the account may not use it. Check `model`."
  },
  RequestRefused: { retry: "never", billed: "no", help: "The provider refused the request; its words are in the message." },
  DownloadFailed: { retry: "now", billed: "no", help: "The provider could not fetch the audio's URL. Check that it is public." },
  Moderated: {
    retry: "never",
    help: "The provider's moderation refused the content. Leave the file out, or use a model of your own."
  },

  EmptyAnswer: { retry: "never", help: "The model said nothing, twice. A shorter `window` often helps." },
  NotUnderstood: {
    retry: "never",
    help: "The model's answer did not fit, and neither did its correction. Both are in the call log; another model may do better."
  },
  WrongLanguage: { retry: "never", help: "Name another `language`, leave it out, or use another model." }
}) {}
