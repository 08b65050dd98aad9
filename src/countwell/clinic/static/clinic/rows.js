// In the worklist j and k, or the arrow keys, go to the row after and the row before, once the focus is in a row. Without script
// the Tab key does.
'use strict'
const rows = [...document.querySelectorAll('.work-row')]
const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }
for (const [place, row] of rows.entries()) {
  row.addEventListener('keydown', (event) => {
    const other = rows[place + (steps[event.key] ?? 0)]
    if (!other || other === row || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    other.querySelector('a').focus()
  })
}
