// For browsers: the module is fetched from beside this file.
import init from './fresh_images_stale.js'

await init({ module_or_path: new URL('fresh_images_stale_bg.wasm', import.meta.url) })

export { stale } from './stale-api.js'
