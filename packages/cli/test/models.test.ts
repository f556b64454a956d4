import { expect, it } from "@effect/vitest"
import { folder, spool, values } from "./Spool.js"

it(
  "lists what each provider has, what it hears and sees, what it costs, and a model of the config's own",
  { timeout: 120_000 },
  async () => {
    const home = folder({
      "spool.yaml": `
providers:
  mine: { dialect: vllm, baseUrl: "http://127.0.0.1:9/v1", models: { our-omni: { kind: omni, sees: false, maxSeconds: 45 } } }
pipelines: { sounds: { source: { folder: . }, stages: { probe: {} } } }
`
    })
    const said = await spool(home, "models", "--json")
    expect(said).toMatchObject({ code: 0, stderr: "" })
    const models = new Map(values(said).map((one) => [one["model"], one]))
    expect(models.get("qwen3.8-omni-flash")).toMatchObject({
      type: "model",
      providers: expect.arrayContaining(["dashscope-intl", "dashscope-us", "dashscope-hk"]),
      sees: true,
      video: { sound: "beside" },
      prices: [{ price: { currency: "USD", cachedIn: 0.016 } }],
      checked: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/)
    })
    expect(models.get("qwen3-omni-30b-a3b-captioner")).toMatchObject({ sees: false, hears: { maxSeconds: 2400 } })
    expect(models.get("qwen3-omni-flash-2025-09-15")).toMatchObject({ replacedBy: "qwen3-omni-flash" })
    expect(models.get("our-omni")).toMatchObject({ providers: ["mine"], sees: false, hears: { maxSeconds: 45 }, prices: [] })

    const table = (await spool(home, "models")).stdout
    expect(table).toMatch(/qwen3\.8-omni-flash\s+hears \S+ min, sees 512 pictures/)
    expect(table).toMatch(/our-omni\s+hears 45 s\s/)
    expect(table).toMatch(/text-embedding-v4\s+makes vectors of texts/)
    expect((await spool(home, "models", "qwen-plsu")).stderr).toContain("did you mean 'qwen-plus'?")
    expect((await spool(home, "models", "qwen-plus", "--provider", "mine")).stderr).toContain("only by dashscope-cn")
  }
)
