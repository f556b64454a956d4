#!/usr/bin/env bash
#
# Under a strict policy for styles wavesurfer.js plays, and draws its progress below the wave.
#
# Packages: wavesurfer.js 8.0.1 and playwright-core 1.65.1 (npm) with Chromium (Debian 12).
# Expected: a page whose policy allows no inline style either shows the player or says what it
#   lacks.
# Instead: the library puts one <style> into its shadow root. Without its nonce the policy drops
#   it; sound, wave and events work, but what has been played is drawn under the wave instead of
#   over it. With `cspNonce` it lies over it.
# Why it matters: a page over strangers' files wants such a policy, and every test that only
#   listens passes.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact wavesurfer.js@8.0.1 playwright-core@1.65.1

cat > look.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const library = readFileSync("node_modules/wavesurfer.js/dist/wavesurfer.esm.js")
const page = (options) => `<!doctype html><div id="wave"></div><script type="module" nonce="n1">
  import WaveSurfer from "/wavesurfer.js"
  WaveSurfer.create({ container: "#wave", height: 80, peaks: [[0, 0.5, 1, 0.5, 0.2, 0.9]], duration: 6, ${options} })
    .on("redraw", () => { document.title = "drawn" })
</script>`
const server = createServer((request, response) => {
  if (request.url === "/wavesurfer.js") return response.setHeader("content-type", "text/javascript").end(library)
  response.setHeader("content-security-policy", "default-src 'self'; script-src 'self' 'nonce-n1'; style-src 'self' 'nonce-n1'")
  response.setHeader("content-type", "text/html").end(page(request.url === "/nonce" ? 'cspNonce: "n1"' : ""))
}).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] })
const tab = await browser.newPage()
for (const [path, name] of [["/", "without a nonce"], ["/nonce", "with cspNonce"]]) {
  await tab.goto(`http://127.0.0.1:${server.address().port}${path}`)
  await tab.waitForFunction(() => document.title === "drawn")
  const below = await tab.evaluate(() => {
    const root = document.querySelector("#wave > div").shadowRoot
    const top = (part) => root.querySelector(part).getBoundingClientRect().top
    return Math.round(top(".progress") - top(".canvases"))
  })
  console.log(`${name}: progress begins ${below > 0 ? "below the wave's top edge" : "where the wave does"}`)
}
await browser.close()
server.close()
SCRIPT
seen=$(node look.mjs)
stated="without a nonce: progress begins below the wave's top edge
with cspNonce: progress begins where the wave does"

echo "wavesurfer.js 8.0.1, playwright-core 1.65.1, $(chromium --version 2> /dev/null | head -n 1), Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
