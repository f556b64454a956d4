/** What a `spool.yaml` says to ask an emulator, ready to be pasted. */
export const providerText = (baseUrl: string, rpm: number | undefined, tpm: number | undefined): string =>
  `defaults: { provider: emulator }
providers:
  emulator:
    dialect: dashscope
    baseUrl: "${baseUrl}"
    apiKey: { env: DASHSCOPE_API_KEY }
    rpm: ${rpm ?? "none"}
    tpm: ${tpm ?? "none"}`
