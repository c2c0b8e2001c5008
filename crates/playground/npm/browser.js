// For browsers: the module is fetched from beside this file.
import init from './fresh_images.js'

await init({ module_or_path: new URL('fresh_images_bg.wasm', import.meta.url) })

export { check, evaluate, validateSettings } from './api.js'
