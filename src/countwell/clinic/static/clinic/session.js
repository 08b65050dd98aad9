// A session goes on while somebody is at the page: keys and presses count as use, told to the clinic every five minutes at most.
// Two minutes before it ends it says so, and the next key or press keeps it; when it has ended, that is said. Nothing is asked without
// a key or a press. Without script the foot of each page says after how long it ends.
'use strict'
const ending = document.getElementById('ending')
const [soon, over] = ending.children
const often = 5 * 60 * 1000
let timers = []
let told = 0

const show = (one) => {
  soon.hidden = one !== soon
  over.hidden = one !== over
}

const wait = () => {
  timers.forEach(clearTimeout)
  show(null)
  told = Date.now()
  timers = [
    setTimeout(show, ending.dataset.warn * 1000, soon),
    setTimeout(show, ending.dataset.ends * 1000, over),
  ]
}

const use = async () => {
  if (!over.hidden || (soon.hidden && Date.now() - told < often)) return
  told = Date.now()
  const answer = await fetch(ending.dataset.stay, { redirect: 'manual' }).catch(() => null)
  if (answer?.ok) wait()
}

document.addEventListener('keydown', use)
document.addEventListener('pointerdown', use)
wait()
