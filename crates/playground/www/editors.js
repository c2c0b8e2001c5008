// The two editors: CodeMirror with YAML, the findings underlined.
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentService, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { nextDiagnostic, previousDiagnostic } from '@codemirror/lint'
import { Compartment, EditorSelection, EditorState } from '@codemirror/state'
import { EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'

const dark = matchMedia('(prefers-color-scheme: dark)')

// Tab stays what it is in a page, so that nobody is caught in an editor. Ctrl-] and Ctrl-[ indent.
const keys = keymap.of([
  { key: 'F8', run: nextDiagnostic },
  { key: 'Shift-F8', run: previousDiagnostic },
  ...closeBracketsKeymap,
  ...completionKeymap,
  ...historyKeymap,
  ...defaultKeymap,
])

/** Lines that follow a key are indented deeper. */
const deeperAfterKey = indentService.of((context, position) => {
  const { text, from } = context.lineAt(position, -1)
  const [, before] = text.slice(0, position - from).match(/^((?:\s|- )*)[^\s#].*:\s*$/) ?? []
  return before === undefined ? undefined : before.length + context.unit
})

/** An editor in an element; `changed` is called after each change of its text. */
export function editor(parent, { label, describedBy, doc, changed, extensions = [] }) {
  const scheme = new Compartment()
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc,
      extensions: [
        keys,
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        dropCursor(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        bracketMatching(),
        closeBrackets(),
        yaml(),
        indentUnit.of('  '),
        deeperAfterKey,
        syntaxHighlighting(classHighlighter),
        scheme.of(EditorView.darkTheme.of(dark.matches)),
        EditorView.cspNonce.of('codemirror'),
        EditorView.contentAttributes.of({
          'aria-label': label,
          'aria-describedby': describedBy,
          tabindex: '0',
          autocapitalize: 'off',
          autocorrect: 'off',
          spellcheck: 'false',
        }),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
        extensions,
      ],
    }),
  })
  dark.addEventListener('change', () =>
    view.dispatch({ effects: scheme.reconfigure(EditorView.darkTheme.of(dark.matches)) }),
  )
  return view
}

/** Replaces the whole text; undo brings the old one back. */
export function replace(view, text) {
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: text },
    selection: { anchor: 0 },
    effects: EditorView.scrollIntoView(0),
  })
}

/** Selects a range, shows it, and goes there. */
export function show(view, { from, to }) {
  view.dispatch({
    selection: EditorSelection.single(from, to),
    effects: EditorView.scrollIntoView(from, { y: 'center' }),
  })
  view.focus()
  // In one column the editor may be outside of the window.
  view.dom.scrollIntoView({ block: 'nearest' })
}
