// A worker: judging a large text does not hold up typing.
try {
  const { check } = await import('./fresh-images/browser.js')
  self.onmessage = ({ data: { manifests, settings } }) => {
    try {
      const start = performance.now()
      const result = check(manifests, settings)
      self.postMessage({ result, milliseconds: performance.now() - start })
    } catch (error) {
      self.postMessage({ failure: String(error) })
    }
  }
  self.postMessage({ isReady: true })
} catch (error) {
  self.postMessage({ failure: String(error) })
}
