import axe from "axe-core"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  attempts,
  hasBrowser,
  hasFfmpeg,
  late,
  launch,
  mediaId,
  open,
  painted,
  screenshots,
  serve,
  strange,
  type Served
} from "./Page.fixture.js"

/** Each view, and what is there when it has come. */
const drawn = {
  library: { path: "/", shows: ".row .name" },
  item: { path: "/?q=speech.wav&item=speech.wav", shows: ".item .said-word" },
  review: { path: "/review", shows: ".review-one .said-word" },
  run: { path: "/run", shows: ".graph .node" },
  failures: { path: "/failures", shows: ".failed-file" },
  duplicates: { path: "/duplicates", shows: ".dup-file" }
} as const

const sizes = [
  [360, 740],
  [1280, 800],
  [1920, 1080]
] as const

describe.skipIf(!hasBrowser).sequential("the page", () => {
  let served: Served
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let problems: ReadonlyArray<string>

  beforeAll(async () => {
    served = await serve()
    browser = await launch()
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", reducedMotion: "reduce" })
    ;({ page, problems } = await open(context, served.link()))
    await page.getByRole("row", { name: /tone\.wav/ }).waitFor({ timeout: 60_000 })
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })

  const names = () => page.locator(".row:visible .name").allTextContents()
  /** A file is opened by its number, whatever the run gave it. */
  const addressOf = (path: string) =>
    served.url + path.replace(/item=(.+)$/, (_, name: string) => `item=${mediaId(served.folder, name)}`)
  const go = async (path: string) => {
    await page.goto(served.url + path)
    await page.locator("main").waitFor()
  }

  it("signs in by the link, which then leaves the address", async () => {
    expect(page.url()).toBe(`${served.url}/`)
    const other = await browser.newContext()
    const stranger = await open(other, `${served.url}/`)
    await stranger.page.getByText("spool serve --link").waitFor()
    await other.close()
  })

  it("lists the library with waveforms that the server measured", async () => {
    expect((await names()).sort()).toContain("雨声-城市-窗边.wav")
    const drawn = () =>
      page.evaluate(() => {
        // Above the middle line there is something only where there is sound.
        const isDrawn = (canvas: HTMLCanvasElement) =>
          canvas
            .getContext("2d")
            ?.getImageData(0, 0, canvas.width, Math.floor(canvas.height / 2) - 4)
            .data.some((value) => value > 0) === true
        return [...document.querySelectorAll<HTMLCanvasElement>(".row .wave")].filter(isDrawn).length
      })
    await expect.poll(drawn, { timeout: 30_000 }).toBeGreaterThan(4)
  })

  it("searches as one types, in Chinese too, and the address says it", async () => {
    await page.keyboard.press("/")
    await page.keyboard.type("城市")
    await expect.poll(names).toEqual(["雨声-城市-窗边.wav"])
    expect(new URL(page.url()).searchParams.get("q")).toBe("城市")
    await page.getByRole("button", { name: "Clear the query" }).click()
    await expect.poll(async () => (await names()).length).toBeGreaterThan(8)
  })

  it("completes what is typed, and says where a query is wrong", async () => {
    await go("/")
    await page.keyboard.press("/")
    await page.keyboard.type("emo")
    await page.locator(".suggestions li", { hasText: "emotion:" }).first().waitFor()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.locator(".suggestions li", { hasText: "neutral" }).waitFor()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect.poll(() => page.locator(".query-input").inputValue()).toMatch(/^emotion:\w+/)
    await page.locator(".query-input").fill("duration:>>")
    await page.getByRole("alert").filter({ hasText: "duration" }).first().waitFor()
    await page.locator(".query-input").fill("")
  })

  it("adds a facet to the query by a click, and takes it out by the next", async () => {
    await go("/")
    const facet = page.getByRole("button", { name: /^neutral/ })
    await facet.click()
    await expect.poll(() => page.locator(".query-input").inputValue()).toBe("emotion:neutral")
    await expect.poll(() => facet.getAttribute("aria-pressed")).toBe("true")
    await facet.click()
    await expect.poll(() => page.locator(".query-input").inputValue()).toBe("")
  })

  it("sorts, and keeps the order in the address", async () => {
    await go("/")
    await page.getByLabel("Sort").selectOption("name")
    await expect.poll(async () => (await names())[0]).toBe("chords.wav")
    expect(new URL(page.url()).searchParams.get("sort")).toBe("name")
    await page.getByLabel("Sort").selectOption("best")
  })

  const clock = () => page.evaluate(() => document.querySelector<HTMLInputElement>(".seek")?.valueAsNumber ?? 0)

  it("plays a file with the space bar, asks for a range, and goes on to the next row with an arrow key", async () => {
    await go("/?q=path:wav&sort=name")
    await page.locator(".row .name").first().waitFor()
    const ranged = page.waitForResponse((response) => response.url().includes("/sound") && response.status() === 206)
    await page.locator(".list").focus()
    await page.keyboard.press(" ")
    const response = await ranged
    expect(response.headers()["content-range"]).toMatch(/^bytes 0-\d+\/\d+$/)
    expect(await response.request().headerValue("range")).toMatch(/^bytes=0-/)
    await expect.poll(clock).toBeGreaterThan(0.1)
    const before = await page.locator(".player .name").textContent()
    await page.keyboard.press("ArrowDown")
    await expect.poll(() => page.locator(".player .name").textContent()).not.toBe(before)
    await expect.poll(clock).toBeGreaterThan(0.05)
    await page.keyboard.press(" ")
  })

  it("plays by a preview what no browser plays", async () => {
    await go("/?q=lake")
    await page.getByRole("button", { name: "Play lake.aiff" }).click()
    await expect.poll(clock, { timeout: 30_000 }).toBeGreaterThan(0.1)
    await page.keyboard.press(" ")
  })

  it.skipIf(!hasFfmpeg)("plays a copy where the browser would count from another moment than the captions", async () => {
    const remove = late(served.folder)
    await go("/?q=type:audio&sort=name")
    const copied = page.waitForResponse((response) => response.url().includes("copy=true"), { timeout: 30_000 })
    await page.getByRole("button", { name: "Play late.mka" }).click()
    await copied
    await expect.poll(clock, { timeout: 30_000 }).toBeGreaterThan(0.1)
    expect(await clock()).toBeLessThan(3.5)
    await page.keyboard.press(" ")
    remove()
  })

  it("shows everything that is known of a file", async () => {
    await go("/?q=tone.wav")
    await page.locator(".list").focus()
    await page.locator(".row .name").first().waitFor()
    await page.keyboard.press("Enter")
    const panel = page.getByRole("complementary", { name: "File" })
    await panel.getByText("The recording lasts").first().waitFor()
    await panel.getByText("acoustic", { exact: true }).first().click()
    await panel.getByText("integratedLoudness").waitFor()
    await panel.locator(".step", { hasText: "caption" }).first().locator("summary").click()
    const step = panel.locator(".step[open]", { hasText: "Why it ran" })
    await step.getByText("from copy").waitFor()
    await step.getByText("The recording lasts").first().waitFor()
    expect(new URL(page.url()).searchParams.get("item")).toMatch(/^\d+$/)
  })

  it("corrects by keyboard alone: the word is searched in the model's place, and comes back by undo", async () => {
    await go("/")
    await page.locator(".row .name").first().waitFor()
    await page.keyboard.press("g")
    await page.keyboard.press("v")
    await page.getByText("says one voice; two were heard").first().waitFor()
    const name = await page.locator(".review-one .item-name").textContent()
    await page.getByRole("button", { name: /^Accept/ }).waitFor()
    await page.keyboard.press("e")
    await page.locator(".editor textarea").waitFor()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("A kettle whistles in a small kitchen.")
    await page.keyboard.press("Control+Enter")
    await page.getByRole("status").filter({ hasText: "Corrected" }).waitFor()
    await expect.poll(() => page.locator(".review-one .item-name").textContent()).not.toBe(name)
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await page.keyboard.press("/")
    await page.keyboard.type("kettle")
    await expect.poll(names).toEqual([name])
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("v")
    await page.locator(".review-one").waitFor()
    await page.keyboard.press("z")
    await page.getByRole("status").filter({ hasText: "Undone" }).waitFor()
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await page.getByText("No matches.").waitFor()
  })

  it("asks a model again with a note, says before what it costs, and shows the new word", async () => {
    await go("/review?reason=two-speakers")
    await page.locator(".review-one").waitFor()
    const name = (await page.locator(".review-one .item-name").textContent()) ?? ""
    const answers = () => attempts(served.folder, name, "caption")
    const before = answers()
    await page.getByRole("button", { name: /^Accept/ }).waitFor()
    await page.keyboard.press("r")
    await page.keyboard.type("two people whisper")
    await page.locator(".note", { hasText: "1 request" }).waitFor()
    await page.keyboard.press("Enter")
    await page.getByRole("status").filter({ hasText: "Asked again" }).waitFor()
    await go("/review?reason=redone")
    await page.locator(".reason", { hasText: "two people whisper" }).waitFor({ timeout: 60_000 })
    expect(await page.locator(".review-one .item-name").textContent()).toBe(name)
    expect(answers()).toBe(before + 1)
    await page.keyboard.press("a")
    await page.getByText("Nothing is doubtful.").waitFor()
    await page.keyboard.press("z")
    await page.locator(".reason", { hasText: "two people whisper" }).waitFor()
  })

  it("lets the second of two windows see the first one's word, and choose", async () => {
    await go("/review")
    await page.locator(".review-one").waitFor()
    const second = await open(context, `${served.url}/review`)
    await second.page.getByRole("button", { name: /^Accept/ }).waitFor()
    await second.page.keyboard.press("e")
    await second.page.locator(".editor textarea").fill("The second window's word.")
    await page.keyboard.press("a")
    await page.getByRole("status").filter({ hasText: "Accepted" }).waitFor()
    await second.page.locator(".editor textarea").press("Control+Enter")
    await second.page.getByText("Somebody judged this in the meantime").waitFor()
    await second.page.getByRole("button", { name: "Use mine" }).click()
    await second.page.getByRole("status").filter({ hasText: "Corrected" }).waitFor()
    await second.page.close()
  })

  it("groups what failed with its advice, and tries it again", async () => {
    await go("/failures")
    const group = page.getByRole("region", { name: "NotMedia" })
    await group.locator(".name", { hasText: "broken.mp3" }).waitFor()
    // What is damaged fails in every node that reads it, and is one file with one cause.
    const truncated = page.getByRole("region", { name: "Truncated" })
    await truncated.getByText(/acoustic, copy, .* in sounds · 1 file/).waitFor()
    expect(await truncated.locator(".failed-file").count()).toBe(1)
    await group.getByRole("button", { name: /Try all again/ }).click()
    await page.getByRole("status").filter({ hasText: "tried again" }).waitFor()
  })

  it("takes what fits out as a file, and finds a saved query", async () => {
    await go("/?q=saved:chinese")
    await expect.poll(names).toEqual(["雨声-城市-窗边.wav"])
    const menu = page.locator(".menu", { has: page.locator("summary[aria-label='Export what fits']") })
    await menu.locator("summary").click()
    await page.keyboard.press("Escape")
    expect(await menu.getAttribute("open")).toBe(null)
    await page.keyboard.press("Enter")
    const download = page.waitForEvent("download")
    await page.getByRole("link", { name: "CSV" }).click()
    const lines = readFileSync(await (await download).path(), "utf8")
      .trim()
      .split("\r\n")
    expect(lines.length).toBe(2)
    expect(lines[1]).toContain("雨声-城市-窗边.wav")
  })

  it("finds what sounds like a file", async () => {
    await go("/?q=lake")
    await page.locator(".row .name").first().waitFor()
    await page.locator(".list").focus()
    await page.keyboard.press("Enter")
    const alike = page.getByRole("region", { name: "More like this" })
    await alike.getByRole("button", { name: "More like this" }).click()
    // lake.aiff holds the tone of tone.wav, but for its rate.
    await alike.locator(".alike-file", { hasText: "tone.wav" }).click()
    await page.locator(".item .item-name", { hasText: "tone.wav" }).waitFor()
    await page.keyboard.press("Escape")
  })

  it("puts duplicates side by side, plays them at one place, and marks them by keyboard, with undo", async () => {
    await go("/duplicates")
    const group = page.locator(".dup-group", { has: page.locator(".name", { hasText: "drums copy.wav" }) })
    await group.locator(".dup-file").first().waitFor()
    const file = (name: string) =>
      group.locator(".dup-file", { has: page.locator(".name", { hasText: new RegExp(`^${name}$`) }) })
    await file("drums copy.wav").click({ position: { x: 300, y: 6 } })
    await page.keyboard.press(" ")
    await expect.poll(clock).toBeGreaterThan(0.2)
    await page.keyboard.press(" ")
    await page.keyboard.press("o")
    await page.getByRole("status").filter({ hasText: "Only drums copy.wav is kept" }).waitFor()
    await group.getByText("decided").waitFor()
    expect(
      await file("drums copy.wav")
        .getByRole("button", { name: /^Keep A?/ })
        .first()
        .getAttribute("aria-pressed")
    ).toBe("true")
    expect(
      await file("drums.wav")
        .getByRole("button", { name: /^Duplicate/ })
        .getAttribute("aria-pressed")
    ).toBe("true")
    await page.keyboard.press("z")
    await page.getByRole("status").filter({ hasText: "Undone" }).waitFor()
    await expect.poll(() => group.getByText("decided").count()).toBe(0)
    await page.getByRole("button", { name: "Compare sounds" }).click()
    await page.getByRole("status").filter({ hasText: "found" }).waitFor({ timeout: 60_000 })
  })

  it("shows the pipeline with its counts, starts a run, and says how it ended", async () => {
    await go("/run")
    await page.getByRole("img", { name: "Stages of sounds" }).waitFor()
    await page.getByText("Counts by stage").click()
    await page.getByRole("row", { name: /caption/ }).waitFor()
    await page.getByRole("button", { name: "Start a run" }).click()
    await page.getByRole("button", { name: "Finish and stop" }).waitFor()
    await page.getByRole("button", { name: "Start a run" }).waitFor({ timeout: 90_000 })
    await page.getByText("finished", { exact: true }).waitFor()
  })

  it("speaks Chinese, with numbers as they are written there", async () => {
    await page.getByLabel("Language").selectOption("zh")
    await page.getByRole("link", { name: /媒体库/ }).waitFor()
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-Hans")
    await page.getByLabel("语言").selectOption("en")
  })

  for (const colorScheme of ["light", "dark"] as const)
    it(`has nothing that axe objects to, ${colorScheme}`, async () => {
      const seen = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        colorScheme,
        reducedMotion: "reduce",
        storageState: await context.storageState(),
        bypassCSP: true
      })
      const watched = await open(seen, `${served.url}/`)
      for (const [view, { path, shows }] of Object.entries(drawn)) {
        await watched.page.goto(addressOf(path))
        await watched.page.locator(shows).first().waitFor()
        await painted(watched.page)
        await watched.page.evaluate(axe.source)
        const found = await watched.page.evaluate(async () => {
          const { violations }: import("axe-core").AxeResults = await Reflect.get(globalThis, "axe").run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
          })
          return violations.map(
            ({ id, nodes }) =>
              `${id}: ${nodes
                .map(({ target }) => target.join(" "))
                .slice(0, 3)
                .join(" | ")}`
          )
        })
        expect([view, ...found]).toEqual([view])
      }
      await seen.close()
    })

  it("is drawn at every width, without anything that is too wide", async () => {
    mkdirSync(screenshots, { recursive: true })
    const seen = await browser.newContext({
      locale: "en-GB",
      reducedMotion: "reduce",
      storageState: await context.storageState()
    })
    const watched = await open(seen, `${served.url}/`)
    for (const [name, { path, shows }] of Object.entries(drawn)) {
      await watched.page.goto(addressOf(path))
      await watched.page.locator(shows).first().waitFor()
      for (const [width, height] of sizes)
        for (const colorScheme of ["light", "dark"] as const) {
          await watched.page.setViewportSize({ width, height })
          await watched.page.emulateMedia({ colorScheme })
          await painted(watched.page)
          await watched.page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`) })
          const wide = await watched.page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth
          )
          expect([name, width, wide]).toEqual([name, width, 0])
        }
    }
    await seen.close()
    const chinese = await browser.newContext({
      locale: "zh-CN",
      reducedMotion: "reduce",
      storageState: { ...(await context.storageState()), origins: [] }
    })
    const read = await open(chinese, `${served.url}/`)
    for (const [name, { path, shows }] of Object.entries(drawn)) {
      await read.page.goto(addressOf(path))
      await read.page.locator(shows).first().waitFor()
      for (const [width, height] of sizes.slice(0, 2)) {
        await read.page.setViewportSize({ width, height })
        await painted(read.page)
        await read.page.screenshot({ path: join(screenshots, `${name}-${width}-zh.png`) })
        const wide = await read.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect([name, width, wide]).toEqual([name, width, 0])
      }
    }
    await chinese.close()
  })

  it("goes through every view by the tab key, and each stop says what it is and is seen", async () => {
    for (const { path, shows } of Object.values(drawn)) {
      await page.goto(addressOf(path))
      await page.locator(shows).first().waitFor()
      const stops = new Map<string, string>()
      // Once round; a page that held the key fast would have no end.
      for (let i = 0; i < 120; i++) {
        await page.keyboard.press("Tab")
        const stop = await page.evaluate(() => {
          const element = document.activeElement
          if (!(element instanceof HTMLElement) || element === document.body || "tabbed" in element.dataset) return undefined
          element.dataset["tabbed"] = ""
          const { outlineStyle, boxShadow } = getComputedStyle(element)
          const labelled =
            element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : undefined
          const name =
            element.getAttribute("aria-label") ??
            [...(labelled ?? []), element].map(({ textContent }) => textContent?.trim() ?? "").find((text) => text !== "") ??
            element.getAttribute("title")
          const around = element.closest("label")
          const isSeen =
            outlineStyle !== "none" ||
            boxShadow !== "none" ||
            (around !== null && getComputedStyle(around).outlineStyle !== "none")
          return { at: `${element.tagName} ${element.className} ${name}`, name: name ?? "", isSeen }
        })
        if (stop === undefined) break
        expect([path, stop.at, stop.name !== "", stop.isSeen]).toEqual([path, stop.at, true, true])
        stops.set(stop.at, stop.name)
        expect(i).toBeLessThan(119)
      }
      expect(stops.size).toBeGreaterThan(6)
    }
  })

  it("keeps its shape with a name from right to left, and a caption of 10,000 characters without a space", async () => {
    strange(served.folder)
    await go("/?q=type:audio&sort=newest")
    const row = page.getByRole("row", { name: /שלום/ })
    await row.waitFor()
    expect((await row.boundingBox())?.height).toBeLessThan(60)
    await row.click()
    const panel = page.getByRole("complementary", { name: "File" })
    await panel.locator(".said-word").first().waitFor()
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      await painted(page)
      const wide = await page.evaluate(() =>
        [document.documentElement, document.querySelector(".item")].map((element) =>
          element === null ? 0 : element.scrollWidth - element.clientWidth
        )
      )
      expect([width, ...wide]).toEqual([width, 0, 0])
    }
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it("says when the library is away, keeps what is shown, and goes on by itself", async () => {
    const { renameSync } = await import("node:fs")
    const [from, to] = [join(served.folder, ".spool", "spool.db"), join(served.folder, ".spool", "away.db")]
    await go("/")
    await page.locator(".row .name").first().waitFor()
    renameSync(from, to)
    try {
      await expect.poll(async () => (await context.request.get(`${served.url}/api/rows`)).status(), { timeout: 20_000 }).toBe(503)
      await page.getByRole("status").filter({ hasText: "was moved or deleted" }).waitFor({ timeout: 20_000 })
      expect((await names()).length).toBeGreaterThan(0)
    } finally {
      renameSync(to, from)
    }
    await expect.poll(async () => (await context.request.get(`${served.url}/api/rows`)).status(), { timeout: 20_000 }).toBe(200)
  })

  it("has had no error in all of it", () => {
    // What the browser itself says of an answer that isn't 2xx.
    expect(problems.filter((problem) => !/Failed to load resource/.test(problem))).toEqual([])
  })
})

describe.skipIf(!hasBrowser).sequential("the first run", () => {
  it("says what there is to do, and fills the library", async () => {
    const served = await serve({ isFirst: true })
    const browser = await launch()
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" })
      const { page } = await open(context, served.link())
      await page.getByText("Nothing has been run here yet").waitFor()
      await page.getByText("What a run would do").waitFor()
      mkdirSync(screenshots, { recursive: true })
      await page.waitForTimeout(500)
      await page.screenshot({ path: join(screenshots, "first-1280-light.png") })
      await page.getByRole("button", { name: "Start a run" }).click()
      await page.getByRole("row", { name: /tone\.wav/ }).waitFor({ timeout: 90_000 })
    } finally {
      await browser.close()
      await served.close()
    }
  })
})
