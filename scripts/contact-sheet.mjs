// Lays the pictures that the page's own test took of every view out as one: docs/guide/page-contact-sheet.png.
//   npx vitest run packages/page/test && npm run contact-sheet
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const pictures = process.env.MEDIASPOOL_SCREENSHOTS ?? join(root, "node_modules/.cache/page-screenshots")
const to = join(root, "docs/guide/page-contact-sheet.png")

const views = ["library", "item", "review", "run", "failures", "duplicates"]
/** Of each view, row by row; the last of the first row is the narrow one in Chinese. */
const rows = [
  ["360-light", "1280-light", "1920-light", "360-zh"],
  ["360-dark", "1280-dark", "1920-dark"]
]

const taken = existsSync(pictures) ? new Set(readdirSync(pictures)) : new Set()
const missing = views.flatMap((view) => rows.flat().map((kind) => `${view}-${kind}.png`)).filter((name) => !taken.has(name))
if (missing.length > 0) {
  console.error(`${missing.length} pictures are missing in ${pictures}, such as ${missing[0]}: run the page's test first.`)
  process.exit(1)
}

const image = (name) => `<img src="data:image/png;base64,${readFileSync(join(pictures, name)).toString("base64")}">`
const html = `<style>
  body { margin: 0; padding: 24px; background: #fff; color: #1d2023; font: 600 16px system-ui, sans-serif; }
  h2 { margin: 24px 0 8px; font-size: 16px; text-transform: capitalize; }
  h2:first-child { margin-top: 0; }
  div { display: flex; gap: 8px; margin-bottom: 8px; }
  img { height: 300px; border: 1px solid #e4e4e1; border-radius: 6px; }
</style>${views
  .map(
    (view) =>
      `<h2>${view}</h2>${rows.map((kinds) => `<div>${kinds.map((kind) => image(`${view}-${kind}.png`)).join("")}</div>`).join("")}`
  )
  .join("")}`

const { chromium } = createRequire(join(root, "packages/page/package.json"))("playwright-core")
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking"]
})
try {
  const page = await browser.newPage({ viewport: { width: 1420, height: 800 } })
  await page.setContent(html, { waitUntil: "load" })
  await page.screenshot({ path: to, fullPage: true })
  console.log(to)
} finally {
  await browser.close()
}
