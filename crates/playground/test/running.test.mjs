// The page that says what runs, in headless Chromium, from a server on loopback.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, test } from 'node:test'

import { built, playground } from '../build/paths.mjs'
import { serve } from '../build/serve.mjs'
import { judged, launch, violations, watch } from './browser.mjs'

const cluster = readFileSync(`${playground}test/cluster.json`, 'utf8')

let server
let url
let browser
let page
/** What a test must not cause: see `watch`. */
let complaints

before(async () => {
  ;({ server, url } = await serve(`${built}/site`))
  browser = await launch()
})
after(async () => {
  await browser.close()
  server.close()
})
beforeEach(async () => {
  complaints = []
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  watch(page, url, complaints)
  await page.goto(`${url}running.html`)
})
afterEach(async () => {
  await page.close()
  assert.deepEqual(complaints, [])
})

const word = () => page.locator('#summary strong').textContent()
const numbers = () => page.locator('#summary span').textContent()
/** Does something, and waits for what the page says then. */
async function answered(act) {
  const before = await page.evaluate(() => document.body.dataset.answered ?? '0')
  await act()
  await page.waitForFunction((before) => (document.body.dataset.answered ?? '0') !== before, before)
}
const paste = (text) => answered(() => page.locator('#cluster').fill(text))

test('a split and a moved tag of a node show, each with what runs where', async () => {
  await paste(cluster)
  assert.equal(await word(), 'Different contents under one tag')
  assert.equal(await numbers(), '4 containers, 3 images: 1 stale, 1 split, 3 unchecked')
  const found = await page.locator('#findings .document').allInnerTexts()
  assert.equal(found.length, 2)
  assert.match(found[0], /STALE\s+Pod shop\/api[^]*stale-on-node/)
  assert.match(found[1], /SPLIT\s+Deployment shop\/web[^]*node-1 runs sha256:1{64}: web-6d4b8-aaaaa[^]*node-2 runs sha256:2{64}: web-6d4b8-bbbbb/)
  assert.equal(await page.locator('#status').textContent(), `${await word()}. ${await numbers()}`)
  assert.deepEqual(await violations(page), [])
})

test('a file is read, and its Pods are not called fresh', async () => {
  const { items, ...list } = JSON.parse(cluster)
  const calm = JSON.stringify({ ...list, items: items.filter(({ metadata: { name } }) => name === 'db') })
  await answered(() => page.locator('#file').setInputFiles({ name: 'cluster.json', mimeType: 'application/json', buffer: Buffer.from(calm) }))
  assert.deepEqual([await word(), await numbers()], ['No difference seen', '1 container, 1 image: 1 unchecked'])
})

test('a text that is not what kubectl prints says where, and the next one is read', async () => {
  await paste('{"kind": "List",\n"items": [}')
  assert.equal(await word(), 'Cannot be read')
  assert.match(await numbers(), /line 2/)
  await paste('{"kind": "List", "items": []}')
  assert.equal(await word(), 'No Pods in this text')
  await page.locator('#cluster').fill('')
  assert.equal(await word(), 'Paste the output of kubectl')
})

test('names of a cluster stay text', async () => {
  const name = '<img src=x onerror=alert(1)>'
  await paste(cluster.replaceAll('"web"', JSON.stringify(name)))
  assert.equal(await page.locator('#findings img').count(), 0)
  assert.ok((await page.locator('#findings').innerText()).includes(name))
})

test('one page leads to the other', async () => {
  await page.getByRole('link', { name: 'Judge manifests' }).click()
  // What is still loading would fail.
  await judged(page)
  await page.getByRole('link', { name: 'What runs' }).click()
  assert.equal(await page.title(), 'fresh-images: what runs under one tag')
})

test('a small window has everything in one column', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  await paste(cluster)
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360)
  assert.deepEqual(await violations(page), [])
})

test('20,000 Pods in ten seconds', async () => {
  const { items } = JSON.parse(cluster)
  const many = Array.from({ length: 20_000 }, (_, at) => ({ ...items[at % 2], metadata: { ...items[at % 2].metadata, name: `web-6d4b8-${at}` } }))
  const start = performance.now()
  await answered(() =>
    page.locator('#file').setInputFiles({ name: 'cluster.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ kind: 'List', items: [...many, ...items.slice(4)] })) }),
  )
  const seconds = (performance.now() - start) / 1000
  console.log(`20,000 Pods: ${seconds.toFixed(1)} s`)
  assert.equal(await word(), 'Different contents under one tag')
  assert.ok(seconds < 10, `${seconds} s`)
})
