// Text goes into the module and JSON comes out; stale.d.ts says what it holds.
import * as module from './fresh_images_stale.js'

export function stale(cluster) {
  if (typeof cluster !== 'string') throw new TypeError('the cluster must be text')
  const { error, texts, findings, ...report } = JSON.parse(module.stale(cluster))
  if (error !== undefined) throw new SyntaxError(error)
  return {
    ok: report.summary.stale + report.summary.split === 0,
    ...report,
    findings: findings.map((finding, index) => ({ ...finding, ...texts[index] })),
  }
}
