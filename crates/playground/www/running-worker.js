// A worker: reading a large cluster does not hold up the page.
try {
  const { stale } = await import('./fresh-images/stale-browser.js')
  self.onmessage = async ({ data: { id, asked } }) => {
    try {
      self.postMessage({ id, report: stale(typeof asked === 'string' ? asked : await asked.text()) })
    } catch (error) {
      // A module that ended, or a text that is not JSON, or a file that is not to be read.
      const isBroken = error instanceof WebAssembly.RuntimeError || error instanceof RangeError
      self.postMessage(isBroken ? { id, broken: String(error) } : { id, failure: error.message })
    }
  }
  self.postMessage({ isReady: true })
} catch (error) {
  self.postMessage({ broken: String(error) })
}
