// Text goes into the module and JSON comes out; index.d.ts says what it holds.
import * as module from './fresh_images.js'

const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value))

export function check(manifests, settings = {}, { digests = {} } = {}) {
  const answer = module.check(text(manifests), text(settings), JSON.stringify(digests))
  const { report, settings: problems, fixed, unfixable } = JSON.parse(answer)
  const { rejected, unreadable, mended } = report.summary
  return {
    ok: problems.length + rejected + unreadable === 0,
    ...report,
    settings: problems,
    // The module hands back the text as it was, too.
    fixed: mended > 0 ? fixed : null,
    unfixable,
  }
}

export function evaluate(payload) {
  return JSON.parse(module.evaluate(text(payload)))
}

export function validateSettings(settings) {
  return JSON.parse(module.validateSettings(text(settings)))
}
