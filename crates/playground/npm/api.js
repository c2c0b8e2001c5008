// Text goes into the module and JSON comes out; index.d.ts says what it holds.
import * as module from './fresh_images.js'

const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value))

export function check(manifests, settings = {}, { digests = {} } = {}) {
  const answer = module.check(text(manifests), text(settings), JSON.stringify(digests))
  const { report, ...rest } = JSON.parse(answer)
  const unread = rest.settings.length + report.errors.length
  return { ok: unread + report.summary.rejected === 0, ...report, ...rest }
}

export function evaluate(payload) {
  return JSON.parse(module.evaluate(text(payload)))
}

export function validateSettings(settings) {
  return JSON.parse(module.validateSettings(text(settings)))
}
