// Makes the picture of the README: `screenshot.mjs FILE.png`.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'

import { judged, launch } from '../test/browser.mjs'
import { built } from './paths.mjs'
import { serve } from './serve.mjs'

const [file] = process.argv.slice(2)
const { server, url } = await serve(`${built}/site`)
const browser = await launch()
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2, colorScheme: 'light' })
await page.goto(url)
await judged(page)
// A key that is explained, and the proposed fixes.
await page.locator('#settings .cm-content').focus()
await page.keyboard.press('Control+a')
await page.keyboard.insertText('registries:\n  allow: [harbor.example.com, docker.io]\nmutate:\n  to: pullAlways')
await judged(page)
await page.keyboard.press('Escape')
await page.screenshot({ path: file, caret: 'hide' })
await browser.close()
server.close()
// 256 colours are plenty for letters.
execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, file])
console.log(`${file}: ${(statSync(file).size / 1024).toFixed(0)} KiB`)
