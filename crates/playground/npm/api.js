// Text goes into the module and JSON comes out; index.d.ts says what it holds.
import * as module from './fresh_images.js'

/** Text as it is, and what JSON can say of an object. */
function text(name, value) {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value instanceof Map) throw new TypeError(`${name} must be text or a plain object`)
  return JSON.stringify(value)
}

function known(digests) {
  for (const [image, digest] of Object.entries(digests)) {
    if (typeof digest !== 'string') throw new TypeError(`the digest of ${image} must be text`)
  }
  return text('digests', digests)
}

export function check(manifests, settings, options) {
  if (typeof manifests !== 'string') throw new TypeError('manifests must be text')
  const answer = module.check(manifests, text('settings', settings ?? {}), known(options?.digests ?? {}))
  const { report, settings: problems, fixed, unfixable } = JSON.parse(answer)
  const { rejected, unreadable, fixed: count } = report.summary
  return {
    ok: problems.length + rejected + unreadable === 0,
    ...report,
    settings: problems,
    // The module hands back the text as it was, too.
    fixed: count > 0 ? fixed : null,
    unfixable,
  }
}

export function evaluate(payload) {
  return JSON.parse(module.evaluate(text('the payload', payload)))
}

export function validateSettings(settings) {
  return JSON.parse(module.validateSettings(text('settings', settings)))
}
