// Headless Chromium, and the page in it.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? PLACES.find((file) => existsSync(file)),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

/** Waits until what is typed now is judged. */
export const judged = (page) =>
  page.waitForFunction(() => document.body.dataset.judged !== undefined && document.body.dataset.judged === document.body.dataset.version)
