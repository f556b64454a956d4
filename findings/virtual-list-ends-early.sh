#!/usr/bin/env bash
#
# A virtual list of a million rows ends three quarters down, where Chromium has no more pixels.
#
# Packages: @tanstack/virtual-core 3.19.11 and playwright-core 1.65.1 (npm) with Chromium (Debian 12).
# Expected: a list that draws only what is seen is as long as its rows: the last of a million is
#   reached by scrolling to it.
# Instead: an element of Chromium is at most 33,554,428 px high. At 44 px a row the list asks for
#   44,000,000, gets less without a word, and scrolling to the last row stops at row 762,601.
# Why it matters: a library of sounds has a million rows; the last quarter of them can't be looked
#   at, and no error says so. Rows must be placed from somewhere near, or the scroll bar scaled.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @tanstack/virtual-core@3.19.11 playwright-core@1.65.1

cat > look.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { chromium } from "playwright-core"

const library = "node_modules/@tanstack/virtual-core/dist/esm"
const page = `<!doctype html><style>body { margin: 0 } #list { height: 880px; overflow: auto } #rows { position: relative }</style>
<div id="list"><div id="rows"></div></div><script>process = { env: {} }</script><script type="module">
  import * as virtual from "/index.js"
  const list = document.getElementById("list")
  const rows = document.getElementById("rows")
  const size = 44
  const options = {
    count: 1_000_000, estimateSize: () => size, getScrollElement: () => list,
    observeElementRect: virtual.observeElementRect, observeElementOffset: virtual.observeElementOffset,
    scrollToFn: virtual.elementScroll, onChange: () => draw()
  }
  const virtualizer = new virtual.Virtualizer(options)
  const draw = () => {
    rows.style.height = virtualizer.getTotalSize() + "px"
    rows.replaceChildren(...virtualizer.getVirtualItems().map(({ index, start }) => {
      const row = document.createElement("div")
      row.textContent = index
      row.style = "position:absolute;height:" + size + "px;transform:translateY(" + start + "px)"
      return row
    }))
  }
  virtualizer._didMount()
  virtualizer._willUpdate()
  draw()
  window.virtualizer = virtualizer
</script>`
const server = createServer((request, response) => {
  const file = join(library, normalize(request.url))
  if (request.url !== "/" && existsSync(file)) return response.setHeader("content-type", "text/javascript").end(readFileSync(file))
  response.setHeader("content-type", "text/html").end(page)
}).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] })
const tab = await browser.newPage({ viewport: { width: 800, height: 880 } })
tab.on("pageerror", (error) => console.log(String(error)))
await tab.goto(`http://127.0.0.1:${server.address().port}/`)
await tab.waitForFunction(() => window.virtualizer !== undefined)
await tab.evaluate(() => window.virtualizer.scrollToIndex(999_999))
await tab.waitForTimeout(1500)
const seen = await tab.evaluate(() => {
  const list = document.getElementById("list")
  const shown = [...document.querySelectorAll("#rows > div")].filter((row) => {
    const { bottom, top } = row.getBoundingClientRect()
    return bottom > 0 && top < 880
  })
  return {
    promised: window.virtualizer.getTotalSize(),
    height: Math.round(document.getElementById("rows").getBoundingClientRect().height),
    last: shown.at(-1)?.textContent ?? "none",
    rests: list.scrollHeight - list.clientHeight - Math.round(list.scrollTop)
  }
})
console.log(`the list asks for ${seen.promised} px and gets ${seen.height}`)
console.log(`at the end of the scroll bar (${seen.rests} px rest) the last row seen is ${seen.last} of 999999`)
await browser.close()
server.close()
SCRIPT
seen=$(node look.mjs)
stated="the list asks for 44000000 px and gets 33554428
at the end of the scroll bar (0 px rest) the last row seen is 762601 of 999999"

echo "@tanstack/virtual-core 3.19.11, playwright-core 1.65.1, $(chromium --version 2> /dev/null | head -n 1), Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
