// The package as a runner of the corpus: each line of standard input, `{"payload": "…", "settings": "…"}`, is answered by
// a line with what policy-server would be told, `{"validate": …, "settings": …}`.
import { createInterface } from 'node:readline'

const { evaluate, validateSettings } = await import('../../../target/playground/npm/node.js')

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { payload, settings } = JSON.parse(line)
  process.stdout.write(`${JSON.stringify({ validate: evaluate(payload), settings: validateSettings(settings) })}\n`)
}
