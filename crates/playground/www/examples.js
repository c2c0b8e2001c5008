// The dialog with the examples. They are fetched when the dialog is opened.
import { element, plural, prose } from './dom.js'

const dialog = document.getElementById('examples')
const filter = document.getElementById('examples-filter')
const count = document.getElementById('examples-count')
const list = document.getElementById('examples-list')

/** The examples, each with its button and the text that is searched. */
let offered

async function load(choose) {
  const response = await fetch('examples.json')
  if (!response.ok) throw new Error(`examples.json: ${response.status}`)
  const groups = new Map()
  offered = (await response.json()).map((example) => {
    const { group, name, description, expect } = example
    const button = element(
      'button',
      { type: 'button', onclick: () => (dialog.close(), choose(example)) },
      element('span', { class: 'name' }, name),
      ' ',
      element('span', { class: `badge ${expect}` }, expect),
      ' ',
      element('span', { class: 'description' }, ...prose(description)),
    )
    const item = element('li', {}, button)
    groups.set(group, [...(groups.get(group) ?? []), item])
    return { item, button, group, text: `${group}/${name} ${expect} ${description}`.toLowerCase() }
  })
  for (const [group, items] of groups) {
    list.append(element('section', { 'data-group': group }, element('h3', {}, group), element('ul', {}, ...items)))
  }
}

function narrow() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Set()
  let matching = 0
  for (const { item, group, text } of offered) {
    item.hidden = !words.every((word) => text.includes(word))
    if (item.hidden) continue
    groups.add(group)
    matching += 1
  }
  for (const section of list.children) section.hidden = !groups.has(section.dataset.group)
  count.textContent = plural(matching, 'example')
}

/** Opens the dialog with a button. Calls `choose` with an example, or `failed` with the reason why there are none. */
export function offerExamples(button, choose, failed) {
  button.addEventListener('click', async () => {
    try {
      if (!offered) await load(choose)
    } catch (error) {
      offered = undefined
      failed(`The examples could not be loaded: ${error.message}`)
      return
    }
    filter.value = ''
    narrow()
    dialog.showModal()
    filter.focus()
  })
  filter.addEventListener('input', narrow)
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    offered.find(({ item }) => !item.hidden)?.button.click()
  })
  // A click outside the dialog closes it; its content covers all of its own area.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
}
