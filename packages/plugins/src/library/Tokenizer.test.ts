import { describe, expect, it } from "@effect/vitest"
import { SearchText } from "@mediaspool/core"
import Sqlite from "better-sqlite3"
import { FastCheck as fc } from "effect"
import { tokenizer } from "./SearchSchema.js"
import * as Tokenizer from "./Tokenizer.js"

const database = new Sqlite(":memory:")
database.exec(`CREATE VIRTUAL TABLE search USING fts5(text, tokenize = "${tokenizer}")`)
const insert = database.prepare("INSERT INTO search (text) VALUES (?)")
const count = database.prepare("SELECT count(*) FROM search WHERE search MATCH ?").pluck()

/** Whether SQLite finds what was typed in a text. */
const finds = (text: string, typed: string, prefix = false): boolean => {
  const phrase = Tokenizer.phrase(typed, prefix)
  if (phrase === undefined) return false
  database.exec("DELETE FROM search")
  insert.run(SearchText.index(text))
  return count.get(Tokenizer.match(phrase)) === 1
}
/** The same without SQLite. */
const marks = (text: string, typed: string, prefix = false) => {
  const phrase = Tokenizer.phrase(typed, prefix)
  return phrase === undefined
    ? []
    : Tokenizer.find(phrase, Tokenizer.tokens(text)).map(({ end, start }) => text.slice(start, end))
}

describe("Tokenizer", () => {
  it.each([
    ["城市夜雨，远处有雷声。", "夜雨"],
    ["城市夜雨，远处有雷声。", "城市夜"],
    ["城市夜雨，远处有雷声。", "雷声"],
    ["城市夜雨，远处有雷声。", "雨"],
    ["城市夜雨，远处有雷声。", "城"],
    ["雨夜 piano 曲", "雨夜 piano"],
    ["雨夜 piano 曲", "piano 曲"],
    ["雨夜 piano 曲子", "夜 piano 曲"],
    ["静かな雨の音", "雨の音"],
    ["비 오는 밤거리", "밤거"],
    ["Heavy RAIN at night", "rain at"],
    ["A café by the Straße", "CAFE"],
    ["cafe\u0301 noir", "café"],
    ["ｆｕｌｌ width", "full"],
    ["Чайка", "чаика"],
    ["чаика", "Чайка"],
    ["ёж и Київ", "еж"],
    ["ёж и Київ", "київ"],
    ["αθήνα", "ΑΘΗΝΑ"],
    ["Οδυσσεύς", "οδυσσευσ"],
    ["ﾐｭｰｼﾞｯｸ", "ミュージック"],
    ["ミュージック", "ﾐｭｰｼﾞｯｸ"],
    ["Łódź, Ærø, Đặng, ﬁlm", "lodz"],
    ["Łódź, Ærø, Đặng, ﬁlm", "aero"],
    ["Łódź, Ærø, Đặng, ﬁlm", "Dang"],
    ["Łódź, Ærø, Đặng, ﬁlm", "film"],
    ["STRASSE", "Straße"],
    ["İstanbul", "istanbul"],
    ["한국".normalize("NFD"), "한국"],
    ["한국", "한국".normalize("NFD")],
    ["co\u00adoperate", "cooperate"],
    ["مُحَمَّد", "محمد"],
    ["दिन में बारिश", "बारिश"],
    ["दिन में बारिश", "में बारिश"],
    ["মেঘের গর্জন", "গর্জন"],
    ["கடல் அலைகள்", "கடல்"],
    ["రాత్రి వర్షం", "వర్షం"],
    ["ක්\u200dෂණය", "ක්\u200dෂණය"],
    ["เสียงฝน", "เสียงฝน"]
  ])("finds in %j what was typed: %j", (text, typed) => {
    expect(finds(text, typed)).toBe(true)
    expect(marks(text, typed).length).toBeGreaterThan(0)
  })

  it.each([
    ["城市夜雨", "市雨"],
    ["夜，雨", "夜雨"],
    ["雨夜曲 piano", "雨夜 piano"],
    ["heavy rain", "rain heavy"],
    ["training", "rain"],
    ["दान", "दिन"],
    ["दुनिया", "दिन"],
    ["কাল", "কুল"]
  ])("finds in %j nothing of %j", (text, typed) => expect(finds(text, typed)).toBe(false))

  it.each([
    ["DoorSlam_Wood01.wav", "door slam wood 01 wav"],
    ["HTTPServer", "http server"],
    ["120bpm loop", "120 bpm loop"],
    ["КапляВоды2", "капля воды 2"],
    ["plain words, no parts", ""],
    ["snake_case only", ""]
  ])("takes %j apart into %j", (text, parts) => expect(SearchText.parts(text)).toBe(parts))

  it("lets a word go on after a star", () => {
    expect(finds("a thunderstorm", "thunder", true)).toBe(true)
    expect(marks("a thunderstorm", "thunder", true)).toEqual(["thunderstorm"])
    expect(finds("雷暴雨", "雷暴", true)).toBe(true)
  })

  it("takes nothing that is typed for syntax", () => {
    for (const typed of ['"', "-foo", "a AND", "NEAR(a b)", "text: x", "a*b", "^a", "(", "{a} : b"])
      expect(() => finds("a foo b x", typed)).not.toThrow()
    expect(finds("near by", "NEAR(")).toBe(true)
    expect(Tokenizer.phrase("…!")).toBeUndefined()
  })

  const letters = (...of: ReadonlyArray<string>) => fc.stringOf(fc.constantFrom(...of), { maxLength: 14 })
  const text = fc.oneof(
    { weight: 3, arbitrary: letters(..."aBé ,雨夜の밤1øйﾞｼ\u0308ßΣ_😀-") },
    { weight: 1, arbitrary: letters("द", "दि", "न", "्", "न्\u200d", "কা", "க", " ", ",", "a") }
  )

  it.prop("finds every part of a text that consists of whole words", [text, fc.nat(), fc.nat()], ([text, from, length]) => {
    const tokens = Tokenizer.tokens(text)
    fc.pre(tokens.length > 0)
    const first = tokens[from % tokens.length]
    const last = tokens[Math.min(tokens.length - 1, (from % tokens.length) + (length % 4))]
    const part = text.slice(first?.start, last?.end)
    expect(finds(text, part), part).toBe(true)
    expect(marks(text, part)).toContain(part)
  })

  it.prop("marks what SQLite finds, and nothing else", [text, text], ([text, typed]) => {
    expect(marks(text, typed).length > 0).toBe(finds(text, typed))
  })
})
