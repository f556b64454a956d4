import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as TagEncoding from "./TagEncoding.js"

const bytes = (hex: string) => Buffer.from(hex, "hex")

/** Titles as programs of their countries wrote them into formats that declare no encoding. */
const titles: ReadonlyArray<readonly [title: string, encoding: string, hex: string]> = [
  ["Zwölf", "latin1", "5a77f66c66"],
  ["Grüße", "latin1", "4772fcdf65"],
  ["Ça va", "latin1", "c761207661"],
  ["ÄÖÜ", "latin1", "c4d6dc"],
  ["© 2020 Noël", "latin1", "a92032303230204e6feb6c"],
  ["Straße – “Nacht”", "cp1252", "53747261df65209620934e6163687494"],
  ["Don’t stop", "cp1252", "446f6e92742073746f70"],
  ["Beyoncé – Déjà Vu", "cp1252", "4265796f6e63e920962044e96ae0205675"],
  ["Œuvre complète", "cp1252", "8c7576726520636f6d706ce87465"],
  ["5 €", "cp1252", "352080"],
  ["Güneş", "cp1254", "47fc6e65fe"],
  ["Leoš Janáček", "cp1250", "4c656f9a204a616ee1e8656b"],
  ["Святая ночь", "cp1251", "d1e2fff2e0ff20edeef7fc"],
  ["Ты и я", "cp1251", "d2fb20e820ff"],
  ["你好", "gbk", "c4e3bac3"],
  ["鸟叫", "gbk", "c4f1bdd0"],
  ["사랑", "euc_kr", "bbe7b6fb"],
  ["Zażółć", "cp1250", "5a61bff3b3e6"],
  ["Dvořák", "cp1250", "44766ff8e16b"],
  ["Привет мир", "cp1251", "cff0e8e2e5f220ece8f0"],
  ["Київ", "cp1251", "cae8bfe2"],
  ["Дождь", "koi8_r", "e4cfd6c4d8"],
  ["Καλημέρα", "iso8859_7", "cae1ebe7ecddf1e1"],
  ["雨の音", "shift_jis", "894a82cc89b9"],
  ["東京", "shift_jis", "938c8b9e"],
  ["雨の音", "euc_jp", "b1aba4ceb2bb"],
  ["城市夜雨", "gbk", "b3c7cad0d2b9d3ea"],
  ["下雨", "gbk", "cfc2d3ea"],
  ["下雨的聲音", "big5", "a455ab42aabac16eadb5"],
  ["שלום", "cp1255", "f9ece5ed"],
  ["ירושלים של זהב", "cp1255", "e9f8e5f9ece9ed20f9ec20e6e4e1"],
  ["לילה טוב", "cp1255", "ece9ece420e8e5e1"],
  ["مرحبا", "cp1256", "e3d1cdc8c7"],
  ["أم كلثوم", "cp1256", "c3e320dfe1cbe6e3"],
  ["سورة الفاتحة", "cp1256", "d3e6d1c920c7e1ddc7cacdc9"],
  ["دوستت دارم", "cp1256", "cfe6d3caca20cfc7d1e3"],
  ["สวัสดี", "cp874", "cac7d1cab4d5"],
  ["เพลงรัก", "cp874", "e0bec5a7c3d1a1"],
  ["ความรัก", "cp874", "a4c7d2c1c3d1a1"],
  ["Пение птиц утром", "cp866", "8fa5ada8a520afe2a8e620e3e2e0aeac"],
  ["Гроза в лесу", "cp1251", "c3f0eee7e020e220ebe5f1f3"],
  ["Ελλάδα", "cp1253", "c5ebebdce4e1"],
  ["周杰倫", "big5", "a950aa4eaddb"],
  ["青花瓷", "gbk", "c7e0bba8b4c9"],
  ["鳥の声", "euc_jp", "c4bba4cec0bc"],
  ["음악", "euc_kr", "c0bdbec7"],
  ["비 오는 밤", "euc_kr", "baf120bfc0b4c220b9e3"]
]

/** Titles as Latin-1 shows them, and as they were meant (Polish, Czech, Hungarian, Croatian, Romanian, Turkish, Latvian, Lithuanian). */
const countries: ReadonlyArray<readonly [shown: string, meant: string]> = [
  ["Pie\x9cñ o ma³ym rycerzu", "Pieśń o małym rycerzu"],
  ["\x8cnieg w £odzi", "Śnieg w Łodzi"],
  ["Pøíli\x9a \x9elu\x9douèký kùò", "Příliš žluťoučký kůň"],
  ["Árvíztûrõ tükörfúrógép", "Árvíztűrő tükörfúrógép"],
  ["Esõerdõ éjszaka", "Esőerdő éjszaka"],
  ["Ðorðe Bala\x9aeviæ", "Đorđe Balašević"],
  ["Mânãstirea din pãdure", "Mânăstirea din pădure"],
  ["Güneþin doðuþu ýþýk", "Güneşin doğuşu ışık"],
  ["Barýþ Manço", "Barış Manço"],
  ["Mîlestîba ir tâ", "Mīlestība ir tā"],
  ["Þàsys ir ðokëjai", "Žąsys ir šokėjai"],
  ["Lietus meþâ", "Lietus mežā"]
]

describe("TagEncoding", () => {
  it.each(titles)("reads %s, written in %s", (title, _, hex) => expect(TagEncoding.decode([bytes(hex)])).toEqual([title]))

  it("takes UTF-8 for what it is, beside tags in another encoding", () => {
    const texts = ["Дождь", "Für Elise"].map((text) => Buffer.from(text))
    expect(TagEncoding.decode([...texts, bytes("cff0e8e2e5f2")])).toEqual(["Дождь", "Für Elise", "Привет"])
  })

  it("knows that AIFF was written on a Mac", () => {
    expect(TagEncoding.decode([bytes("47729aa765")], "aiff")).toEqual(["Größe"])
    expect(TagEncoding.decode([bytes("5a77f66c66")], "aiff")).toEqual(["Zwölf"])
  })

  it("finds the one encoding that fits all tags of a file", () => {
    const [artist, title] = ["c4eee6e4fc", "a8e6"].map(bytes)
    expect(TagEncoding.decode([artist, title].filter((text) => text !== undefined))).toEqual(["Дождь", "Ёж"])
  })

  it("repairs what was taken for Latin-1, and leaves Latin-1 alone", () => {
    expect(TagEncoding.repair(["Ïðèâåò ìèð", "FÃ¼r Elise", "plain", "雨"])).toEqual(["Привет мир", "Für Elise", "plain", "雨"])
    const latin1 = (hex: string) => bytes(hex).toString("latin1")
    for (const [title, , hex] of titles.filter(([title]) => /^(Don’t|Dvořák|東京|你好|雨の音)/.test(title)))
      expect(TagEncoding.repair([latin1(hex)])[0]).toBe(title)
    for (const title of ["שלום", "مرحبا", "Пение птиц утром", "สวัสดี"]) {
      const [, , hex = ""] = titles.find(([written]) => written === title) ?? []
      expect(TagEncoding.repair([latin1(hex)])).toEqual([title])
    }
    for (const western of [
      "Öö",
      "Zwölf",
      "Ça va",
      "Crème brûlée",
      "Smörgåsbord på ön",
      "Þórsmörk",
      "þýða",
      "50 °C",
      "naïve",
      "ÄÖÜ"
    ])
      expect(TagEncoding.repair([western])).toEqual([western])
  })

  it("reads what other countries with the Latin alphabet wrote into frames that say Latin-1", () => {
    for (const [typed, meant] of countries) expect(TagEncoding.repair([typed])).toEqual([meant])
    for (const western of [
      "Canções e corações",
      "Fête sûre à Nîmes",
      "Hljóð úr skógi",
      "Þú ert jörðin",
      "Blåbær på sjøen",
      "Õnne"
    ])
      expect(TagEncoding.repair([western])).toEqual([western])
  })

  it.prop("gives back every text that was UTF-8", [fc.array(fc.fullUnicodeString())], ([texts]) => {
    expect(TagEncoding.decode(texts.map((text) => Buffer.from(text)))).toEqual(texts)
  })

  it.prop("never fails, and never shows a replacement character", [fc.uint8Array({ maxLength: 40 })], ([raw]) => {
    const valid = Buffer.from(raw).toString("utf8").includes("\ufffd") === false
    if (!valid) expect(TagEncoding.decode([raw])[0]).not.toContain("\ufffd")
  })
})
