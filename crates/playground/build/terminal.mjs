// Makes a picture of a terminal: `terminal.mjs RUN.json FILE.png`. RUN.json has `command`, its words, and `output`, what it
// printed with colours; nothing is added to it.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

import { launch } from '../test/browser.mjs'

const COLUMNS = 132
const CLASSES = { 1: 'bold', 31: 'red', 32: 'green', 33: 'yellow' }
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Text with the colours of a terminal, as HTML. */
function html(text) {
  let open = []
  return text
    .split(/(\x1b\[[\d;]*m)/)
    .map((part) => {
      const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1]
      if (codes === undefined) return open.length > 0 ? `<span class="${open.join(' ')}">${escape(part)}</span>` : escape(part)
      for (const code of codes.split(';').map(Number)) {
        if (code === 0) open = []
        else if (CLASSES[code]) open.push(CLASSES[code])
        else throw new Error(`a colour that this does not know: ${code}`)
      }
      return ''
    })
    .join('')
}

/** Long lines go on at the start of the next one, as in a terminal. */
const page = ({ command, output }) => `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; background: #fff }
  pre { box-sizing: content-box; width: ${COLUMNS}ch; margin: 0; padding: 20px 24px; font: 14px/1.5 'DejaVu Sans Mono', monospace;
    white-space: pre-wrap; word-break: break-all; color: #d7dde5; background: #14181f }
  .bold { font-weight: bold } .red { color: #ff7b72 } .green { color: #7ee787 } .yellow { color: #e3b341 } .prompt { color: #8b949e }
</style><pre><span class="prompt">$ </span>${escape(command.join(' '))}\n${html(output.trimEnd())}</pre>`

const [run, file] = process.argv.slice(2)
const browser = await launch()
const tab = await browser.newPage({ viewport: { width: 1400, height: 600 }, deviceScaleFactor: 2 })
await tab.setContent(page(JSON.parse(readFileSync(run, 'utf8'))))
await tab.locator('pre').screenshot({ path: file })
await browser.close()
// 256 colours are plenty for letters.
execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, file])
console.log(`${file}: ${(statSync(file).size / 1024).toFixed(0)} KiB`)
