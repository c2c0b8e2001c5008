// For Node.js: the module is read from the file beside this one, so that it is there at once.
import { readFileSync } from 'node:fs'
import { initSync } from './fresh_images_stale.js'

initSync({ module: readFileSync(new URL('fresh_images_stale_bg.wasm', import.meta.url)) })

export { stale } from './stale-api.js'
