// Headless Chromium, and what every page in it is held to.
import { existsSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

import { playground } from '../build/paths.mjs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? PLACES.find((file) => existsSync(file)),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

/** Notes whatever a page must not cause: errors on the console, requests that fail, and any, of workers too, to elsewhere. */
export function watch(page, url, complaints) {
  page.on('console', (message) => message.type() !== 'log' && complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error}`))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()}: ${response.url()}`))
  page.context().on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`left the page: ${request.url()}`)
  })
}

const axe = readFileSync(`${playground}node_modules/axe-core/axe.min.js`, 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What bars the way on a page, by the rules of axe. */
export async function violations(page) {
  // Not as a script of the page, which its policy refuses.
  await page.evaluate(axe)
  return page.evaluate(async (values) => {
    const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values } })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`)
  }, TAGS)
}

/** Waits until what is typed now is judged. */
export const judged = (page) =>
  page.waitForFunction(() => document.body.dataset.judged !== undefined && document.body.dataset.judged === document.body.dataset.version)
