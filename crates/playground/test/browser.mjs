// Headless Chromium, and the page in it.
import { chromium } from 'playwright-core'

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

/** Waits until what is typed now is judged. */
export const judged = (page) =>
  page.waitForFunction(() => document.body.dataset.judged !== undefined && document.body.dataset.judged === document.body.dataset.version)
