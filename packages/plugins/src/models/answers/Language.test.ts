import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Language from "./Language.js"

describe("Language", () => {
  it.each([
    ["en", "The audio clip opens with a rapid, metallic hammering sound, and a man speaks in the background."],
    ["zh", "这段录音里有一个持续的音调,没有人说话。"],
    ["ja", "録音の中で誰かがゆっくりと話しています。"],
    ["ko", "녹음에서 누군가가 천천히 말하고 있습니다."],
    ["ru", "В записи кто-то медленно говорит."],
    ["de", "Die Aufnahme beginnt mit einem schnellen Hämmern, und ein Mann spricht im Hintergrund."],
    ["fr", "Un homme parle dans une petite pièce avec le bruit des travaux et de la rue."],
    ["es", "Un hombre habla con voz baja y los pájaros cantan en el jardín por la mañana."],
    ["und", "Hm."],
    ["und", "1234 --"]
  ])("finds %s", (language, text) => {
    expect(Language.detect(text)).toBe(language)
  })

  it("isn't misled by a quotation", () => {
    expect(Language.detect('A woman says "你好,请问地铁站怎么走" and the other answers in the same language.')).toBe("en")
    expect(Language.detect("一位女士用英语说“good morning everybody”,然后大家鼓掌。")).toBe("zh")
  })

  it("lets pass what is too short to tell", () => {
    expect([
      Language.fits("Hm.", "en"),
      Language.fits("这是中文的描述。", "en"),
      Language.fits("The end of the tape.", "en-GB")
    ]).toEqual([true, false, true])
  })

  it.prop("takes any text", [fc.string({ unit: "binary" })], ([text]) => {
    expect(Language.detect(text)).toMatch(/^[a-z]{2,3}$/)
  })
})
