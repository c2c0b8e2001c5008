// A worker: reading a large cluster does not hold up the page.
try {
  const { stale } = await import('./fresh-images/stale-browser.js')
  self.onmessage = async ({ data: { id, asked } }) => {
    try {
      self.postMessage({ id, report: stale(typeof asked === 'string' ? asked : await asked.text()) })
    } catch (error) {
      // A text that is not JSON, or a module that ended.
      self.postMessage(error instanceof SyntaxError ? { id, failure: error.message } : { id, broken: String(error) })
    }
  }
  self.postMessage({ isReady: true })
} catch (error) {
  self.postMessage({ broken: String(error) })
}
