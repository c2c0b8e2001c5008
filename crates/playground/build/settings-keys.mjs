// What the editor of the settings knows about each key, from settings.schema.json: by path, such as `exempt[].users`.

const ofPath = (path, key) => (path ? `${path}.${key}` : key)

/**
 * `{path: {description, values: [{value, description}], default, examples, required, holds}}`. `holds` says what is
 * written after the key: `value`, `list`, `map`, or `maps` for a list of them.
 */
export function settingsKeys(schema) {
  const keys = {}
  const resolve = ({ $ref, anyOf, ...rest }) => {
    const target = $ref ?? anyOf?.find((it) => it.$ref)?.$ref
    return target ? { ...schema.$defs[target.replace('#/$defs/', '')], ...rest } : { ...rest }
  }
  const describe = (object, path) => {
    for (const [key, property] of Object.entries(object.properties)) {
      const it = resolve(property)
      const items = it.items && resolve(it.items)
      const name = ofPath(path, key)
      let values = it.oneOf?.map(({ const: value, description }) => ({ value, description }))
      if ([it.type].flat().includes('boolean')) values = [{ value: 'true' }, { value: 'false' }]
      keys[name] = {
        description: it.description.replaceAll('\n', ' '),
        values,
        default: Array.isArray(it.default) ? undefined : it.default,
        examples: it.examples?.flat(),
        required: object.required?.includes(key) || undefined,
        holds: items?.properties ? 'maps' : items ? 'list' : it.properties ? 'map' : 'value',
      }
      if (it.properties) describe(it, name)
      if (items?.properties) describe(items, `${name}[]`)
    }
  }
  describe(schema, '')
  return keys
}
